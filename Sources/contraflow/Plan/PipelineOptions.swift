import ArgumentParser
import PipelineSchedules

/// The size of the pipeline, and the schedules to show or to check.
struct PipelineOptions: ParsableArguments {
    @Option(
        name: .customLong("ranks"),
        help: ArgumentHelp("Number of pipeline ranks; 8 by default.", valueName: "n"))
    var givenRanks: Int?

    @Option(
        name: .customLong("microbatches"),
        help: ArgumentHelp("Micro-batches per step, over all chains; 20 by default.", valueName: "n"))
    var givenMicrobatches: Int?

    @Option(
        name: .customLong("chunks"),
        help: ArgumentHelp("Stages per rank in interleaved and wave schedules; 2 by default.", valueName: "n"))
    var givenChunks: Int?

    @Option(
        help: ArgumentHelp(
            "A built-in schedule, a CSV file, or - for standard input. Repeatable.",
            valueName: "name|file"))
    var schedule: [String] = []

    @Option(
        help: ArgumentHelp("Check a CSV file, or - for standard input, and report the first error.", valueName: "file"))
    var check: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("With --check: the runtime that has to run the schedule.", valueName: "runtime"))
    var runtime: ScheduleRuntime?

    @Option(
        help: ArgumentHelp(
            "Chains of a CSV (2 for DualPipe); by default its sidecar's, or 1.", valueName: "n"))
    var chains: Int?

    var ranks: Int { givenRanks ?? 8 }
    var microbatches: Int { givenMicrobatches ?? 20 }
    var chunks: Int { givenChunks ?? 2 }

    /// The built-in schedules among the named ones.
    var builtIns: [BuiltInSchedule] { schedule.compactMap { BuiltInSchedule(named: $0) } }
    /// Whether a file is among the named schedules.
    var namesFile: Bool { builtIns.count < schedule.count }

    /// Whether all named schedules are files or standard input. A misspelt name of a built-in schedule is neither.
    var namesFilesAlone: Bool {
        schedule.allSatisfy { BuiltInSchedule(named: $0) == nil && $0.standsForFile }
    }

    /// The options of the size that were given.
    var givenSizes: [String] {
        [("--ranks", givenRanks), ("--microbatches", givenMicrobatches), ("--chunks", givenChunks)]
            .filter { $1 != nil }.map(\.0)
    }

    private typealias Limits = (ranks: Int, cells: Int)
    /// A comparison of all schedules, or a search, beyond these limits would take minutes.
    private static let comparisonLimits: Limits = (1 << 11, 1 << 21)
    /// A single schedule beyond these limits would take minutes and most of a machine's memory.
    private static let scheduleLimits: Limits = (1 << 16, 1 << 26)

    func validate() throws {
        if check != nil && !schedule.isEmpty { throw ValidationError("--check and --schedule exclude each other") }
        if let chains, chains < 1 { throw ValidationError("--chains is \(chains): give at least 1") }
        let limits = schedule.isEmpty ? Self.comparisonLimits : Self.scheduleLimits
        for (name, value, largest) in [
            ("--ranks", ranks, limits.ranks), ("--microbatches", microbatches, limits.cells),
            ("--chunks", chunks, limits.cells),
        ] where !(1...largest).contains(value) {
            throw ValidationError("\(name) is \(value): give 1 to \(largest)")
        }
        guard Double(ranks) * Double(microbatches) * Double(chunks) <= Double(limits.cells) else {
            throw ValidationError(
                "\(ranks) ranks x \(microbatches) micro-batches x \(chunks) chunks are too many: give a product of at "
                    + "most \(limits.cells)")
        }
    }
}

/// A runtime that executes schedules.
enum ScheduleRuntime: String, ExpressibleByArgument, CaseIterable {
    case contraflow, pytorch
}
