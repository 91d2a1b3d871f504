import ArgumentParser
import ContraflowCharts
import PipelineSchedules
import SchedulePlanning
import Timelines

/// Compares, draws, writes and checks pipeline schedules.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Compare, draw and check pipeline schedules.",
        discussion: """
            Without --schedule, every schedule that fits is simulated at F = I = W = 1 ms and compared.

            Examples:
              contraflow plan --ranks 8 --microbatches 20
              contraflow plan --schedule dualpipe --ranks 8 --microbatches 20 --format svg -o dualpipe.svg
              contraflow plan --schedule 1f1b --ranks 4 --microbatches 8 --format csv --with-transfers
              contraflow plan --check mine.csv
              contraflow plan --check dualpipe.csv --chains 2
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, perfetto
    }

    @Option(help: "Ranks of the pipeline.")
    var ranks = 8

    @Option(help: "Micro-batches of a step, over all chains.")
    var microbatches = 20

    @Option(help: ArgumentHelp("Stages a rank of interleaved schedules."))
    var chunks = 2

    @Option(
        help: ArgumentHelp(
            "One schedule: \(BuiltInSchedule.allCases.map(\.rawValue).joined(separator: ", ")), or a CSV file.",
            valueName: "name|file"))
    var schedule: String?

    @Option(help: ArgumentHelp("Check a CSV file and name its first fault.", valueName: "file"))
    var check: String?

    @Option(help: "How many chains a CSV file's stages form: 2 for DualPipe, as nothing in the file tells.")
    var chains = 1

    @Option(help: "table, json, csv, svg or perfetto.")
    var format: Format = .table

    @Flag(help: "Write sends and receives into the CSV as well.")
    var withTransfers = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if check != nil && schedule != nil { throw ValidationError("--check and --schedule exclude each other") }
        if chains < 1 { throw ValidationError("--chains is \(chains): give at least 1") }
        if withTransfers && (format != .csv || schedule == nil) {
            throw ValidationError("--with-transfers needs --schedule and --format csv")
        }
        if schedule == nil, check == nil, format == .svg || format == .perfetto {
            throw ValidationError("--format \(format.rawValue) shows one schedule: name it with --schedule")
        }
    }

    func run() throws {
        if let check {
            try runCheck(of: check)
        } else if let schedule {
            try output.write(text(of: try named(schedule)))
        } else {
            try output.write(try comparison())
        }
    }

    private func runCheck(of path: String) throws {
        let schedule = try read(path)
        let report = try validated(schedule, path)
        try output.write(
            """
            \(path): valid, \(schedule.rankCount) ranks, \(schedule.stageCount) stages, \
            \(schedule.microbatchCount) micro-batches, peak activations \(report.peakActivations.max() ?? 0)

            """)
    }

    private func named(_ name: String) throws -> Schedule {
        if let known = BuiltInSchedule(rawValue: name.lowercased()) {
            return try known.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
        }
        guard name.contains(".") || name.contains("/") else {
            let names = BuiltInSchedule.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no schedule '\(name)': give one of \(names), or a CSV file")
        }
        let schedule = try read(name)
        try validated(schedule, name)
        return schedule
    }

    private func read(_ path: String) throws -> Schedule {
        do {
            return try Schedule(csv: try readFile(path), name: path, chainCount: chains)
        } catch let error as ScheduleCSVError {
            throw CommandFailure("\(path): \(error)")
        }
    }

    @discardableResult
    private func validated(_ schedule: Schedule, _ path: String) throws -> Schedule.ValidationReport {
        do {
            return try schedule.validate()
        } catch {
            throw CommandFailure("\(path): \(error)")
        }
    }

    private func text(of schedule: Schedule) throws -> String {
        switch format {
        case .csv:
            return (withTransfers ? schedule.addingTransfers() : schedule).csv()
        case .table, .json:
            return rendered([try ScheduleSummary(schedule)])
        case .svg, .perfetto:
            let timeline = try Simulation(schedule, costs: schedule.unitCosts).timeline
            if format == .perfetto { return timeline.perfettoJSON() }
            let title = "\(schedule.name), \(schedule.rankCount) ranks, \(schedule.microbatchCount) micro-batches"
            return ScheduleChart(title: title, timeline: timeline, chains: schedule.chains).svg()
        }
    }

    private func comparison() throws -> String {
        var refusals: [ScheduleRefusal] = []
        var summaries: [ScheduleSummary] = []
        for known in BuiltInSchedule.allCases {
            do {
                summaries.append(
                    try ScheduleSummary(try known.build(ranks: ranks, microbatches: microbatches, chunks: chunks)))
            } catch let refusal as ScheduleRefusal {
                refusals.append(refusal)
            }
        }
        if summaries.isEmpty, let first = refusals.first { throw ValidationError(first.description) }
        return rendered(summaries.sorted { $0.makespan < $1.makespan })
    }

    private func rendered(_ summaries: [ScheduleSummary]) -> String {
        switch format {
        case .json: ScheduleSummary.json(summaries)
        case .csv: ScheduleSummary.csv(summaries)
        default: ScheduleSummary.table(summaries)
        }
    }
}
