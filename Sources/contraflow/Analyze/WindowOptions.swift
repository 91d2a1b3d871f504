import ArgumentParser

/// The part of the traces that is analyzed.
struct WindowOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Start of the analyzed window, after each rank's first kernel.", valueName: "ms"))
    var from: Double?

    @Option(help: ArgumentHelp("End of the analyzed window, after each rank's first kernel.", valueName: "ms"))
    var to: Double?

    func validate() throws {
        if let from, !(0...1e9).contains(from) { throw ValidationError("--from is \(from): give 0 to 1e9 ms") }
        if let to, !(0...1e9).contains(to) { throw ValidationError("--to is \(to): give 0 to 1e9 ms") }
        if let from, let to, from >= to { throw ValidationError("--from \(from) is not before --to \(to)") }
    }

    /// The window in nanoseconds after the first kernel; nil for the whole trace.
    var window: Range<Int64>? {
        guard from != nil || to != nil else { return nil }
        return Int64((from ?? 0) * 1e6)..<(to.map { Int64($0 * 1e6) } ?? Int64(1) << 60)
    }
}
