/// The state of a rank at a reading of its heartbeat.
package struct RankBeat: Hashable, Sendable, Codable {
    /// The number of heartbeats so far; 0 before the first.
    package var beats: UInt64 = 0
    package var host = ""
    package var process: Int32 = 0
    package var phase = RankPhase.start
    /// The step, from 1; 0 before the first.
    package var step = 0
    /// The number of operations that have begun or ended.
    package var operations: UInt64 = 0
    /// The text of the action that runs, such as `0F4`; empty between actions.
    package var action = ""
    /// The last segment, exchange or sum that has begun in the action, such as `attention F`; empty if there is none.
    package var segment = ""
    /// The operation that the rank waits for, such as `all-reduce`; empty if the rank does not wait.
    package var wait = ""
    /// The other ranks that the rank waits for. Empty if the rank does not wait, or waits for something that is not a
    /// rank.
    package var peers: [Int] = []

    package init() {}

    package var isWaiting: Bool { !wait.isEmpty }

    /// The operation in which the rank is, such as `all-to-all (dispatch F)`; empty if it is unknown.
    package var operation: String {
        guard isWaiting else { return segment }
        return segment.isEmpty || segment == wait ? wait : "\(wait) (\(segment))"
    }
}
