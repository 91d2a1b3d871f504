import ArgumentParser
import ContraflowCharts
import Foundation
import PipelineSchedules
import SchedulePlanning
import Timelines
import TrainingRecipes

/// Compares, draws, writes and checks pipeline schedules, and searches for better ones.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Compare, draw and check pipeline schedules, or search for better ones.",
        usage: "contraflow plan [<options>]",
        discussion: """
            By default, all built-in schedules that fit are simulated and compared. A forward pass, an input gradient \
            and a weight gradient of a rank's share of the model take 1 ms each, unless costs are given.

            Built-in schedules: \(BuiltInSchedule.allCases.map(\.rawValue).joined(separator: ", ")).

            Examples:
              contraflow plan --ranks 8 --microbatches 20
              contraflow plan --schedule dualpipe --format svg -o dualpipe.svg
              contraflow plan --schedule 1f1b --schedule zb-v --format html -o both.html
              contraflow plan --schedule dualpipe --format csv -o dualpipe.csv
              contraflow plan --check dualpipe.csv
              contraflow plan --schedule 1f1b --format csv --with-transfers
              contraflow plan --costs deepseek-v3-h800 --microbatches 64 --memory 9 --synthesize
              contraflow plan --synthesize --placement v --format csv -o mine.csv
              contraflow plan --costs deepseek-v3-h800 --print-costs -o costs.toml
              contraflow plan --costs costs.toml --activation-memory 4 --device-memory 40
              contraflow plan --costs runs/shakespeare --ranks 4 --microbatches 16

            Exit codes: 0 success, 1 failure, 64 usage error, 130 after Ctrl-C and 143 after SIGTERM. After a signal, \
            the search writes the best schedules so far.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, html, perfetto
    }

    @OptionGroup(title: "Pipeline") var pipeline: PipelineOptions
    @OptionGroup(title: "Costs of a rank's share of the model, per micro-batch") var costOptions: CostOptions
    @OptionGroup(title: "Memory limits") var limits: MemoryLimitOptions
    @OptionGroup(title: "Search") var synthesis: SynthesisOptions
    @OptionGroup(title: "Stragglers") var slowness: StragglerOptions

    @Option(help: "Output format.") var format: Format = .table
    @Flag(help: "Include sends and receives in the CSV.") var withTransfers = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if synthesis.synthesize && !pipeline.schedule.isEmpty {
            throw ValidationError(
                "--schedule and --synthesize exclude each other: without --schedule, the result of the search is "
                    + "compared with all built-in schedules")
        }
        let makesOne = pipeline.schedule.count == 1 || synthesis.synthesize
        if withTransfers && (format != .csv || !makesOne) {
            throw ValidationError("--with-transfers needs one --schedule and --format csv")
        }
        if pipeline.schedule.isEmpty, pipeline.check == nil, !synthesis.synthesize, isPicture {
            throw ValidationError("--format \(format.rawValue) draws schedules: name them with --schedule")
        }
        if format == .perfetto && pipeline.schedule.count > 1 {
            throw ValidationError("--format perfetto shows one schedule: give --schedule once")
        }
        _ = try synthesis.candidates(chunks: pipeline.chunks)
    }

    /// Returns the costs, or throws an error if the nanoseconds or bytes of a step would overflow.
    private func checked(_ costs: PipelineCosts, _ slowdowns: [Double]) throws -> PipelineCosts {
        let longest = costs.stages.map { $0.forward + $0.backward }.max() ?? 0
        let cells = Double(max(pipeline.ranks * pipeline.microbatches * pipeline.chunks, 1 << 20))
        let slowest = max(slowdowns.max() ?? 1, 1)
        let transfer = max(costs.transfer, costs.links?.longest ?? 0)
        guard Double(longest + transfer + costs.finish) * slowest * cells * 8 < 9e18 else {
            throw ValidationError(
                "costs of \(longest / 1_000_000) ms are too large for this number of actions: give smaller costs")
        }
        let bytes = costs.memory.map { max($0.parameters, $0.activation, $0.weightGradient) }.max() ?? 0
        guard Double(bytes) * cells * 4 < 9e18 else {
            throw ValidationError(
                "memory of \(bytes / 1_000_000_000) GB is too large for this number of actions: give less")
        }
        return costs
    }

    private var isPicture: Bool { format == .svg || format == .html || format == .perfetto }

    func run() throws {
        do {
            try plan()
            if let code = Interruption.exitCode { throw ExitCode(code) }
        } catch let error as ValidationError {
            // ArgumentParser would print the usage of the root command for an error that is thrown here.
            note("Error: \(error.message)")
            throw ExitCode.validationFailure
        }
    }

    private func plan() throws {
        if let check = pipeline.check { return try runCheck(of: check) }
        if costOptions.printCosts { return try output.write(costOptions.toml()) }
        let costs = try checked(try costOptions.resolved(), try slowness.slowdowns())
        if limits.deviceMemory != nil && costs.memory.isEmpty {
            throw ValidationError("--device-memory needs the memory of stages: give --activation-memory as well")
        }
        if !pipeline.schedule.isEmpty {
            let schedules = try pipeline.schedule.map(named)
            try slowness.checkRanks(below: schedules.map(\.rankCount).max() ?? 0)
            try write(schedules, costs)
            return
        }
        try slowness.checkRanks(below: pipeline.ranks)
        if synthesis.synthesize, format == .csv || isPicture {
            let found = try searched(costs)
            guard let best = found.min(by: { $0.makespan < $1.makespan }) else { return }
            note(
                "\(best.schedule.name): \(Double(best.makespan) / 1e6) ms, \(hundredths(100 * best.gap)) % above the "
                    + "bound, from \(best.origin)")
            try write([best.schedule], costs)
        } else {
            try compare(costs)
        }
    }

    private func searched(_ costs: PipelineCosts) throws -> [Synthesis] {
        try synthesis.run(
            ranks: pipeline.ranks, microbatches: pipeline.microbatches, chunks: pipeline.chunks, costs: costs,
            memory: limits.memory, deviceBytes: limits.deviceMemory.map { Int64($0 * 1e9) })
    }

    private func runCheck(of path: String) throws {
        let (schedule, report) = try read(path)
        try output.write(
            """
            \(path): valid, \(counted(schedule.rankCount, "rank")), \(counted(schedule.stageCount, "stage")), \
            \(counted(schedule.microbatchCount, "micro-batch", "micro-batches")), peak activations \
            \(report.peakActivations.max() ?? 0)

            """)
        for incompatibility in schedule.pyTorchIncompatibilities() {
            note("not supported by PyTorch: \(incompatibility)")
        }
    }

    private func named(_ name: String) throws -> Schedule {
        if let known = BuiltInSchedule(named: name) {
            return try known.build(
                ranks: pipeline.ranks, microbatches: pipeline.microbatches, chunks: pipeline.chunks)
        }
        guard name.contains(".") || name.contains("/") || name == "-" else {
            throw ValidationError(
                "there is no schedule '\(name)': \(BuiltInSchedule.remedy(forUnknown: name)), or a CSV file")
        }
        return try read(name).schedule
    }

    /// Reads and validates the schedule in a CSV file or in standard input.
    private func read(_ path: String) throws -> (schedule: Schedule, report: Schedule.ValidationReport) {
        do {
            let chainCount = try pipeline.chains ?? ChainSidecar.chains(besides: path) ?? 1
            let bytes = path == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : try readFile(path)
            let schedule = try Schedule(csv: bytes, name: path, chainCount: chainCount)
            return (schedule, try schedule.validate())
        } catch let error where error is ScheduleCSVError || error is ScheduleError {
            throw CommandError("\(path): \(error)")
        }
    }

    private func write(_ schedules: [Schedule], _ costs: PipelineCosts) throws {
        let stragglers = try slowness.stragglers(seed: synthesis.seed)
        switch format {
        case .csv where schedules.count == 1:
            let schedule = schedules[0]
            try output.write((withTransfers ? schedule.addingTransfers() : schedule).csv())
            try ChainSidecar.write(for: schedule, besides: output.output)
        case .table, .json, .csv:
            try output.write(
                rendered(
                    schedules.map { try ScheduleSummary($0, costs: costs, stragglers: stragglers) }, withDetails: true))
        case .html:
            let summaries = try schedules.map { try ScheduleSummary($0, costs: costs, stragglers: stragglers) }
            try output.write(ScheduleSummary.page(of: summaries))
        case .svg, .perfetto:
            let simulations = try schedules.map {
                try Simulation($0, costs: costs.fitted(to: $0), stragglers: stragglers)
            }
            try output.write(picture(of: simulations))
        }
    }

    private func picture(of simulations: [Simulation]) -> String {
        if format == .perfetto { return simulations.map { $0.timeline.chromeTraceJSON() }.joined() }
        return ScheduleComparison(charts: simulations.map(\.chart)).svg()
    }

    private func compare(_ costs: PipelineCosts) throws {
        let stragglers = try slowness.stragglers(seed: synthesis.seed)
        let comparison = try BuiltInComparison(
            ranks: pipeline.ranks, microbatches: pipeline.microbatches, chunks: pipeline.chunks, costs: costs,
            stragglers: stragglers, activationLimit: limits.memory, memoryLimit: limits.deviceMemory.map { $0 * 1e9 })
        var summaries = comparison.summaries
        if synthesis.synthesize {
            summaries += try searched(costs).map { found in
                try ScheduleSummary(
                    found.schedule, costs: costs, stragglers: stragglers, bound: found.bound.time + costs.finish)
            }
        }
        if summaries.isEmpty {
            let least =
                comparison.leanest.map {
                    "; \($0.name) needs the fewest activations, \($0.peakActivations) micro-batches"
                } ?? ""
            throw CommandError("no built-in schedule fits\(least): raise the limit, or search with --synthesize")
        }
        summaries.sort(by: ScheduleSummary.precedes)
        try output.write(rendered(summaries, withDetails: false))
        for exclusion in comparison.exclusions { note("excluded: \(explanation(of: exclusion))") }
        recommend(summaries)
    }

    private func explanation(of exclusion: BuiltInComparison.Exclusion) -> String {
        switch exclusion {
        case .size(let error): error.description
        case .activations(let summary):
            "\(summary.name) holds \(summary.peakActivations) micro-batches, above --memory \(limits.memory ?? 0)"
        case .memory(let summary, let bytes):
            "\(summary.name) holds \(hundredths(Double(bytes) / 1e9)) GB, above --device-memory "
                + "\(limits.deviceMemory ?? 0)"
        }
    }

    /// Prints the schedule with the shortest step and, if it holds the parameters twice, the best one that does not.
    private func recommend(_ summaries: [ScheduleSummary]) {
        guard let best = summaries.first, summaries.count > 1 else { return }
        var text = "recommended: \(best.name), which has the shortest step of all that fit"
        if best.parameters > 1, let lean = summaries.first(where: { $0.parameters <= 1 }) {
            let longer = (Double(lean.stepTime) / Double(max(best.stepTime, 1)) - 1) * 100
            text +=
                "; it holds \(hundredths(best.parameters)) copies of the parameters; \(lean.name) holds one and takes "
            text += "\(hundredths(longer)) % longer"
        }
        note(text)
    }

    private func rendered(_ summaries: [ScheduleSummary], withDetails: Bool) throws -> String {
        switch format {
        case .json: ScheduleSummary.json(summaries, withDetails: withDetails)
        case .csv: ScheduleSummary.csv(summaries)
        default: ScheduleSummary.table(summaries)
        }
    }
}
