/// An emulated device with one channel for exchanges. Work begins when the work that it depends on has ended, and ends
/// when the machine's clock reaches its end. A late wake-up of the host does not delay later work.
final class EmulatedDevice {
    /// The time at which the device has finished its computations.
    private(set) var time: Int64 = 0
    /// The time at which the channel has finished its exchanges.
    private var channel: Int64 = 0

    /// Begins an action whose input has arrived.
    func begin() { time = max(time, Clock.now()) }

    /// Computes after the exchanges that end at `ready`.
    func compute(_ cost: Int64, after ready: Int64) -> Range<Int64> {
        let start = max(time, ready)
        time = start + cost
        Clock.sleep(until: time)
        return start..<time
    }

    /// Starts an exchange after the exchanges that end at `ready`.
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
