/// One device that computes and one channel that exchanges, both emulated: work ends when the machine's clock has come to
/// its end, and begins when what it follows has ended, however late the host wakes up.
final class EmulatedDevice {
    /// When the device has computed what it was given.
    private(set) var time: Int64 = 0
    private var channel: Int64 = 0

    /// An action begins, with what it was waiting for.
    func begin() { time = max(time, Clock.now()) }

    /// Computes once the exchanges that end at `ready` are over.
    func compute(_ cost: Int64, after ready: Int64) -> Range<Int64> {
        let start = max(time, ready)
        time = start + cost
        Clock.sleep(until: time)
        return start..<time
    }

    /// Starts an exchange once those that end at `ready` are over.
    func exchange(_ cost: Int64, after ready: Int64) -> Range<Int64> {
        wait(until: ready)
        let start = max(time, channel)
        channel = start + cost
        return start..<channel
    }

    func wait(until end: Int64) {
        time = max(time, end)
        Clock.sleep(until: end)
    }
}
