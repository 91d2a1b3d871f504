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
              contraflow plan --check zb-v.csv --for pytorch
              contraflow plan --schedule 1f1b --format csv --with-transfers
              contraflow plan --costs deepseek-v3-h800 --microbatches 64 \\
                --memory 9 --synthesize
              contraflow plan --synthesize --placement v --format csv -o mine.csv
              contraflow plan --costs deepseek-v3-h800 --print-costs -o costs.toml
              contraflow plan --costs costs.toml --activation-memory 4 \\
                --device-memory 40
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

    @Option(
        name: .customLong("format"), help: "Output format, table or by the extension of the file if omitted.")
    var givenFormat: Format?

    @Flag(help: "Include sends and receives in the CSV.") var withTransfers = false
    @OptionGroup var output: OutputOptions

    var format: Format { output.format(givenFormat) ?? .table }

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
        if format == .perfetto || format == .csv, pipeline.schedule.count > 1 {
            throw ValidationError(
                "--format \(format.rawValue) writes one schedule: give --schedule once, or --format json for figures")
        }
        if (pipeline.schedule + [costOptions.costs]).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("- is standard input, which is read once: give it once")
        }
        try checkOptions()
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
        try plan()
        if let code = Interruption.exitCode { throw ExitCode(code) }
    }

    private func plan() throws {
        if let check = pipeline.check { return try runCheck(of: check) }
        if costOptions.printCosts { return try output.write(costOptions.toml()) }
        let costs = try checked(try costOptions.resolved(), try slowness.slowdowns())
        if limits.deviceMemory != nil {
            guard costs.memory.contains(where: { $0.activation > 0 }) else {
                throw ValidationError("--device-memory needs the memory of stages: give --activation-memory as well")
            }
            if costs.memory.allSatisfy({ $0.parameters == 0 }) {
                note("--device-memory takes the parameters for 0 GB: give --parameter-memory as well")
            }
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
        let check: ScheduleCheck
        do {
            check = try ScheduleCheck(ScheduleFile(path, chainCount: pipeline.chains), path: path)
        } catch let error as CommandError {
            if format == .json { try output.write(ScheduleCheck.json(invalid: path, error).text) }
            throw error
        }
        if pipeline.runtime == .pytorch, let error = check.pyTorchError {
            if format == .json { try output.write(check.json.text) }
            throw CommandError("\(path): \(error)")
        }
        try output.write(format == .json ? check.json.text : check.text)
    }

    private func named(_ name: String) throws -> Schedule {
        if let known = BuiltInSchedule(named: name) {
            return try known.build(
                ranks: pipeline.ranks, microbatches: pipeline.microbatches, chunks: pipeline.chunks)
        }
        guard name.standsForFile else {
            throw ValidationError(
                "there is no schedule '\(name)': \(BuiltInSchedule.remedy(forUnknown: name)), or a CSV file")
        }
        return try ScheduleFile(name, chainCount: pipeline.chains).schedule
    }

    /// The largest number of actions of a picture. Browsers take seconds to draw more.
    private static let drawnLimit = 1 << 22

    private func write(_ schedules: [Schedule], _ costs: PipelineCosts) throws {
        let actions = schedules.reduce(0) { $0 + $1.rows.reduce(0) { $0 + $1.count } }
        if isPicture, actions > Self.drawnLimit {
            throw CommandError(
                "a picture of \(actions) actions is too large: give schedules of at most \(Self.drawnLimit) actions")
        }
        let stragglers = try slowness.stragglers(seed: synthesis.seed)
        switch format {
        case .csv where schedules.count == 1:
            let schedule = schedules[0]
            try output.write((withTransfers ? schedule.addingTransfers() : schedule).csv())
            try writeSidecar(of: schedule)
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

    /// Writes the number of chains beside the CSV, or notes it if the output is not a file.
    private func writeSidecar(of schedule: Schedule) throws {
        guard let path = output.file else {
            if schedule.chains.count > 1 {
                note(
                    "the schedule has \(schedule.chains.count) chains, which a CSV cannot express: read it with --chains 2"
                )
            }
            return
        }
        do {
            try ChainSidecar.write(for: schedule, besides: path)
        } catch {
            throw CommandError("\(path).chains.json: \(error.reason)")
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
