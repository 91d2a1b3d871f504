/// The state of a rank, with the ages that an observer knows.
package struct RankState: Hashable, Sendable {
    /// The last state that the rank has published.
    package var beat = RankBeat()
    /// The time since the end of the rank's process was noticed; nil if the process has not ended.
    package var sinceEnd: Duration?
    /// The age of the last heartbeat; nil if there was none, and the process may still be loading.
    package var silence: Duration?
    /// The time since the rank's operation has begun.
    package var inOperation = Duration.zero
    /// The longest time that an earlier operation of the same kind took.
    package var longest = Duration.zero

    package init() {}

    /// Whether the rank is done and need not be judged.
    var isDone: Bool { sinceEnd != nil && beat.phase == .done }
}
