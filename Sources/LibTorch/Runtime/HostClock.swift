import CLibTorch

/// The calling thread's clock: the machine's monotonic clock, which all ranks of a machine share.
package enum HostClock {
    /// The time in nanoseconds.
    @inline(__always)
    package static func now() -> Int64 { ct_now() }

    /// Runs `body` with a clock that counts its reads on this thread, from 1, instead of telling the time.
    package static func counting<Result>(_ body: () throws -> Result) rethrows -> Result {
        ct_clock_count(0)
        defer { ct_clock_count(-1) }
        return try body()
    }
}
