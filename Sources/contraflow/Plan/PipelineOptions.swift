import ArgumentParser

/// The size of the pipeline, and the schedules to show or to check.
struct PipelineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Number of pipeline ranks.", valueName: "n")) var ranks = 8
    @Option(help: ArgumentHelp("Micro-batches per step, over all chains.", valueName: "n")) var microbatches = 20

    @Option(help: ArgumentHelp("Stages per rank in interleaved and wave schedules.", valueName: "n"))
    var chunks = 2

    @Option(
        help: ArgumentHelp(
            "A built-in schedule, a CSV file, or - for standard input. Repeatable.",
            valueName: "name|file"))
    var schedule: [String] = []

    @Option(
        help: ArgumentHelp("Check a CSV file, or - for standard input, and report the first error.", valueName: "file"))
    var check: String?

    @Option(
        help: ArgumentHelp(
            "Chains of a CSV (2 for DualPipe); by default its sidecar's, or 1.", valueName: "n"))
    var chains: Int?

    /// More than this number of (stage, micro-batch) cells would take minutes and most of a machine's memory.
    private static let maximumCells = 1 << 26

    func validate() throws {
        if check != nil && !schedule.isEmpty { throw ValidationError("--check and --schedule exclude each other") }
        if let chains, chains < 1 { throw ValidationError("--chains is \(chains): give at least 1") }
        guard ranks >= 1, microbatches >= 1, chunks >= 1 else {
            throw ValidationError(
                "--ranks, --microbatches and --chunks are \(ranks), \(microbatches) and \(chunks): give at least 1")
        }
        guard Double(ranks) * Double(microbatches) * Double(chunks) <= Double(Self.maximumCells) else {
            throw ValidationError(
                "\(ranks) ranks x \(microbatches) micro-batches x \(chunks) chunks are too many: give a product of at "
                    + "most \(Self.maximumCells)")
        }
    }
}
