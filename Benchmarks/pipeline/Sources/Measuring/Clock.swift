import Foundation

/// The machine's monotonic clock, which all of its processes share, and the processor time of this process.
enum Clock {
    /// Returns the time in nanoseconds.
    static func now() -> Int64 { read(CLOCK_MONOTONIC) }

    /// Returns the processor time of all threads of this process.
    static func processorSeconds() -> Double { Double(read(CLOCK_PROCESS_CPUTIME_ID)) / 1e9 }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func sleep(until deadline: Int64) {
        var time = timespec()
        time.tv_sec = Int(deadline / 1_000_000_000)
        time.tv_nsec = Int(deadline % 1_000_000_000)
        while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
    }
}
