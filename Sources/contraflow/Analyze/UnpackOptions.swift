import ArgumentParser
import ProfilerTraces

/// The limits for compressed traces.
struct UnpackOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Maximum decompressed size of a trace.", valueName: "GB"))
    var unpackLimit: Double = 64

    @Option(help: ArgumentHelp("Maximum ratio of decompressed to compressed size.", valueName: "n"))
    var unpackRatio: Int64 = 400

    func validate() throws {
        if !(0.001...1e6).contains(unpackLimit) {
            throw ValidationError("--unpack-limit is \(unpackLimit): give 0.001 to 1e6 GB")
        }
        if unpackRatio < 1 { throw ValidationError("--unpack-ratio is \(unpackRatio): give 1 or more") }
    }

    var limits: TraceReadLimits { TraceReadLimits(unpackedBytes: Int64(unpackLimit * 1e9), unpackedRatio: unpackRatio) }
}
