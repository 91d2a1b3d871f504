import ArgumentParser
import ProfilerTraces

/// The limits of packed traces.
struct UnpackOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The most GB that a packed trace may unpack to.", valueName: "GB"))
    var unpackLimit: Double = 64

    @Option(help: ArgumentHelp("How many times its size a packed trace may unpack to.", valueName: "n"))
    var unpackRatio: Int64 = 400

    func validate() throws {
        if !(0.001...1e6).contains(unpackLimit) {
            throw ValidationError("--unpack-limit is \(unpackLimit): give 0.001 to 1e6 GB")
        }
        if unpackRatio < 1 { throw ValidationError("--unpack-ratio is \(unpackRatio): give 1 or more") }
    }

    var limits: TraceReadLimits { TraceReadLimits(unpackedBytes: Int64(unpackLimit * 1e9), unpackedRatio: unpackRatio) }
}
