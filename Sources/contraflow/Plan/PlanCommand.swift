import ArgumentParser
import ContraflowCharts
import Foundation
import PipelineSchedules
import SchedulePlanning
import Timelines
import TrainingRecipes

/// Compares, searches, draws, writes and checks pipeline schedules.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Compare, search, draw and check pipeline schedules.",
        discussion: """
            Without --schedule, every schedule that fits is simulated and compared, at F = I = W = 1 ms unless costs are \
            given.

            Examples:
              contraflow plan --ranks 8 --microbatches 20
              contraflow plan --costs deepseek-v3-h800 --microbatches 64 --memory 9 --synthesize
              contraflow plan --synthesize --placement v --format csv -o mine.csv
              contraflow plan --schedule dualpipe --ranks 8 --microbatches 20 --format svg -o dualpipe.svg
              contraflow plan --schedule 1f1b --schedule zb-v --format html -o both.html
              contraflow plan --schedule 1f1b --ranks 4 --microbatches 8 --format csv --with-transfers
              contraflow plan --costs deepseek-v3-h800 --print-costs > costs.toml
              contraflow plan --costs costs.toml --device-memory 80
              contraflow plan --costs runs/shakespeare --ranks 4 --microbatches 16
              contraflow plan --check mine.csv
              contraflow plan --check dualpipe.csv --chains 2

            Exit codes: 0 done, 1 refused or failed, 64 wrong usage; 130 after Ctrl-C and 143 after SIGTERM, with the best \
            schedules so far written.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, html, perfetto
    }

    @Option(help: "Ranks of the pipeline.") var ranks = 8
    @Option(help: "Micro-batches of a step, over all chains.") var microbatches = 20
    @Option(help: ArgumentHelp("Stages a rank of interleaved and wave schedules.")) var chunks = 2

    @Option(
        help: ArgumentHelp(
            "A schedule: \(BuiltInSchedule.allCases.map(\.rawValue).joined(separator: ", ")), a CSV file, or - for one "
                + "from standard input. Several give several pictures on one scale.", valueName: "name|file"))
    var schedule: [String] = []

    @Option(
        help: ArgumentHelp("Check a CSV file, or - for standard input, and name its first fault.", valueName: "file"))
    var check: String?

    @Option(help: "How many chains a CSV file's stages form: 2 for DualPipe; else what the file beside it says, or 1.")
    var chains: Int?

    @Option(
        help: ArgumentHelp(
            "The most activations a rank may hold, in micro-batches of a rank's share.", valueName: "micro-batches"))
    var memory: Double?

    @Option(
        help: ArgumentHelp(
            "The most memory a rank may hold; needs --parameter-memory and --activation-memory.", valueName: "GB"))
    var deviceMemory: Double?

    @Option(
        help: ArgumentHelp("How many times slower a rank is, such as 3=1.2; may be repeated.", valueName: "rank=factor")
    )
    var slow: [String] = []

    @Option(help: ArgumentHelp("The most by which an action is longer or shorter, as a part of it.", valueName: "part"))
    var jitter = 0.0

    @Option(help: "table, json, csv, svg, html or perfetto.") var format: Format = .table
    @Flag(help: "Write sends and receives into the CSV as well.") var withTransfers = false

    @OptionGroup(title: "Costs") var costOptions: CostOptions
    @OptionGroup(title: "Search") var synthesis: SynthesisOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if check != nil && !schedule.isEmpty { throw ValidationError("--check and --schedule exclude each other") }
        if synthesis.synthesize && !schedule.isEmpty {
            throw ValidationError(
                "--schedule and --synthesize exclude each other: without --schedule, what the search finds stands beside "
                    + "every schedule with a name")
        }
        if let chains, chains < 1 { throw ValidationError("--chains is \(chains): give at least 1") }
        let makesOne = schedule.count == 1 || synthesis.synthesize
        if withTransfers && (format != .csv || !makesOne) {
            throw ValidationError("--with-transfers needs --schedule and --format csv")
        }
        if schedule.isEmpty, check == nil, !synthesis.synthesize, isPicture {
            throw ValidationError("--format \(format.rawValue) shows schedules: name them with --schedule")
        }
        if format == .perfetto && schedule.count > 1 {
            throw ValidationError("--format perfetto shows one schedule: name one with --schedule")
        }
        if let memory, !(memory > 0 && memory <= 1e9) {
            throw ValidationError("--memory is \(memory): give a positive number of micro-batches")
        }
        if let deviceMemory, !(deviceMemory > 0 && deviceMemory <= 1e6) {
            throw ValidationError("--device-memory is \(deviceMemory): give a positive number of GB")
        }
        try checkSizes()
        guard (0..<1).contains(jitter) else { throw ValidationError("--jitter is \(jitter): give 0 to below 1") }
        _ = try slowdowns()
        _ = try synthesis.candidates(chunks: chunks)
    }

    /// More than this many (stage, micro-batch) cells would take minutes and most of a machine's memory.
    private static let maximumCells = 1 << 26

    private func checkSizes() throws {
        guard ranks >= 1, microbatches >= 1, chunks >= 1 else {
            throw ValidationError(
                "--ranks, --microbatches and --chunks are \(ranks), \(microbatches) and \(chunks): give at least 1")
        }
        guard Double(ranks) * Double(microbatches) * Double(chunks) <= Double(Self.maximumCells) else {
            throw ValidationError(
                "\(ranks) ranks x \(microbatches) micro-batches x \(chunks) chunks are too many: give at most "
                    + "\(Self.maximumCells) in all")
        }
    }

    /// Costs so long that a step's nanoseconds could not be counted are refused.
    private func checked(_ costs: PipelineCosts, _ slowdowns: [Double]) throws -> PipelineCosts {
        let longest = costs.stages.map { $0.forward + $0.backward }.max() ?? 0
        let cells = Double(max(ranks * microbatches * chunks, 1 << 20))
        let slowest = max(slowdowns.max() ?? 1, 1)
        let transfer = max(costs.transfer, costs.links?.longest ?? 0)
        guard Double(longest + transfer + costs.finish) * slowest * cells * 8 < 9e18 else {
            throw ValidationError(
                "costs of \(longest / 1_000_000) ms are too long for so many actions: give them in smaller units")
        }
        let bytes = costs.memory.map { max($0.parameters, $0.activation, $0.weightGradient) }.max() ?? 0
        guard Double(bytes) * cells * 4 < 9e18 else {
            throw ValidationError("memory of \(bytes / 1_000_000_000) GB is too much for so many actions: give less")
        }
        return costs
    }

    private var isPicture: Bool { format == .svg || format == .html || format == .perfetto }

    func run() throws {
        do {
            try plan()
            if let code = Interruption.exitCode { throw ExitCode(code) }
        } catch let error as ValidationError {
            // Thrown from here, it would show the usage of the whole command instead of this one's.
            note("Error: \(error.message)")
            throw ExitCode.validationFailure
        }
    }

    private func plan() throws {
        if let check { return try runCheck(of: check) }
        if costOptions.printCosts { return try output.write(costOptions.toml()) }
        let costs = try checked(try costOptions.resolved(), try slowdowns())
        if deviceMemory != nil && costs.memory.isEmpty {
            throw ValidationError("--device-memory needs to know what stages hold: give --activation-memory as well")
        }
        if !schedule.isEmpty {
            let schedules = try schedule.map(named)
            try checkSlowRanks(below: schedules.map(\.rankCount).max() ?? 0)
            try write(schedules, costs)
            return
        }
        try checkSlowRanks(below: ranks)
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
            ranks: ranks, microbatches: microbatches, chunks: chunks, costs: costs, memory: memory,
            deviceBytes: deviceMemory.map { Int64($0 * 1e9) })
    }

    private func runCheck(of path: String) throws {
        let (schedule, report) = try read(path)
        try output.write(
            """
            \(path): valid, \(schedule.rankCount) ranks, \(schedule.stageCount) stages, \
            \(schedule.microbatchCount) micro-batches, peak activations \(report.peakActivations.max() ?? 0)

            """)
        for incompatibility in schedule.pyTorchIncompatibilities() { note("not in PyTorch: \(incompatibility)") }
    }

    private func named(_ name: String) throws -> Schedule {
        if let known = BuiltInSchedule(named: name) {
            return try known.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
        }
        guard name.contains(".") || name.contains("/") || name == "-" else {
            throw ValidationError(
                "there is no schedule '\(name)': \(BuiltInSchedule.remedy(forUnknown: name)), or a CSV file")
        }
        return try read(name).schedule
    }

    /// The schedule in a CSV file or in standard input, and what is known of it once it is proven right.
    private func read(_ path: String) throws -> (schedule: Schedule, report: Schedule.ValidationReport) {
        do {
            let chainCount = try chains ?? ChainSidecar.chains(besides: path) ?? 1
            let bytes = path == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : try readFile(path)
            let schedule = try Schedule(csv: bytes, name: path, chainCount: chainCount)
            return (schedule, try schedule.validate())
        } catch let error where error is ScheduleCSVError || error is ScheduleError {
            throw CommandError("\(path): \(error)")
        }
    }

    private func write(_ schedules: [Schedule], _ costs: PipelineCosts) throws {
        let stragglers = try stragglers()
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
        let stragglers = try stragglers()
        let comparison = try BuiltInComparison(
            ranks: ranks, microbatches: microbatches, chunks: chunks, costs: costs, stragglers: stragglers,
            activationLimit: memory, memoryLimit: deviceMemory.map { $0 * 1e9 })
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
                    "; \($0.name) holds the fewest activations, \($0.peakActivations) micro-batches"
                } ?? ""
            throw CommandError("no schedule with a name fits\(least): allow more, or search with --synthesize")
        }
        summaries.sort(by: ScheduleSummary.precedes)
        try output.write(rendered(summaries, withDetails: false))
        for exclusion in comparison.exclusions { note("left out: \(explanation(of: exclusion))") }
        recommend(summaries)
    }

    private func explanation(of exclusion: BuiltInComparison.Exclusion) -> String {
        switch exclusion {
        case .size(let error): error.description
        case .activations(let summary):
            "\(summary.name) holds \(summary.peakActivations) micro-batches, over --memory \(memory ?? 0)"
        case .memory(let summary, let bytes):
            "\(summary.name) holds \(hundredths(Double(bytes) / 1e9)) GB, over --device-memory \(deviceMemory ?? 0)"
        }
    }

    /// Names the shortest step and, if it holds a second copy of the parameters, the shortest without one.
    private func recommend(_ summaries: [ScheduleSummary]) {
        guard let best = summaries.first, summaries.count > 1 else { return }
        var text = "recommended: \(best.name), the shortest step of those that fit"
        if best.parameters > 1, let lean = summaries.first(where: { $0.parameters <= 1 }) {
            let longer = (Double(lean.stepTime) / Double(max(best.stepTime, 1)) - 1) * 100
            text += "; it holds \(hundredths(best.parameters)) times the parameters, and \(lean.name) takes "
            text += "\(hundredths(longer)) % longer without that"
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

    private func slowdowns() throws -> [Double] {
        var factors: [Double] = []
        for item in slow {
            let parts = item.split(separator: "=")
            guard parts.count == 2, let rank = Int(parts[0]), (0...Action.maximumStage).contains(rank),
                let factor = Double(parts[1]), factor > 0, factor <= 1e6
            else { throw ValidationError("--slow is '\(item)': give a rank and a factor, such as 3=1.2") }
            if factors.count <= rank { factors += Array(repeating: 1, count: rank - factors.count + 1) }
            factors[rank] = factor
        }
        return factors
    }

    private func checkSlowRanks(below rankCount: Int) throws {
        let named = try slowdowns().count
        guard named <= rankCount else {
            throw ValidationError("--slow names rank \(named - 1): ranks count from 0 to \(rankCount - 1)")
        }
    }

    private func stragglers() throws -> Stragglers? {
        let slowdowns = try slowdowns()
        if slowdowns.isEmpty && jitter == 0 { return nil }
        return Stragglers(slowdowns: slowdowns, jitter: jitter, seed: synthesis.seed)
    }
}
