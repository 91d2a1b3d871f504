/// The first cause of the end of a run: a rank whose process has ended, a rank without heartbeats, or a rank without
/// progress.
package struct RankLoss: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The rank's process has ended before the rank was done.
        case ended
        /// The last heartbeat is too old: the process is stopped, or its host is down or cut off.
        case silent
        /// The heartbeats are recent, but one operation takes too long, and other ranks wait for it.
        case stuck
        /// The heartbeats are recent, but ranks wait for each other, and no other rank can end their waits.
        case mutual
    }

    package let kind: Kind
    /// The rank that is the cause; of ranks that wait for each other, the one that has waited longest.
    package let rank: Int
    /// The state of the rank at its last heartbeat.
    package let beat: RankBeat
    /// The time since the process has ended, since the last heartbeat, or since the operation has begun.
    package let duration: Duration
    /// The other ranks that wait for the rank, directly or through others, in ascending order. Of ranks that wait for
    /// each other, the others.
    package let waiting: [Int]

    package init(kind: Kind, rank: Int, beat: RankBeat, duration: Duration, waiting: [Int]) {
        self.kind = kind
        self.rank = rank
        self.beat = beat
        self.duration = duration
        self.waiting = waiting
    }
}

extension RankLoss: CustomStringConvertible {
    /// One line: the host, the rank, the step, the action, the operation, and the ranks that wait for it.
    package var description: String {
        let rank = "rank \(rank)\(beat.host.isEmpty ? "" : " on \(beat.host)")"
        let seconds = "\(duration.components.seconds) s"
        switch kind {
        case .ended: return "\(rank) ended \(place)\(waiters)"
        case .silent:
            return
                "\(rank) has sent no heartbeat for \(seconds): its process is stopped, or its host is down or cut off; "
                + "last seen \(place)\(waiters)"
        case .stuck: return "\(rank) has made no progress for \(seconds) \(place)\(waiters)"
        case .mutual:
            return
                "\(rank) and \(Self.list(waiting)) have waited for each other for \(seconds) \(place): is the network "
                + "between their hosts cut?"
        }
    }

    /// The phase, the step, and the operation of an action in which the rank was.
    private var place: String {
        var place = beat.step > 0 ? "\(beat.phase.text) at step \(beat.step)" : beat.phase.text
        // The first step names itself.
        if beat.phase == .firstStep { place = beat.phase.text }
        if !beat.operation.isEmpty { place += ", in \(beat.operation)" }
        if !beat.action.isEmpty { place += "\(beat.operation.isEmpty ? ", in" : " of") \(beat.action)" }
        if kind != .mutual, !beat.peers.isEmpty { place += " with \(Self.list(beat.peers))" }
        return place
    }

    private var waiters: String {
        waiting.isEmpty ? "" : "; \(Self.list(waiting)) \(waiting.count == 1 ? "waits" : "wait") for it"
    }

    /// The ranks in words; all but the first of many ranks as a number.
    private static func list(_ ranks: [Int]) -> String {
        switch ranks.count {
        case 1: "rank \(ranks[0])"
        case 2...4: "ranks \(ranks.dropLast().map(String.init).joined(separator: ", ")) and \(ranks[ranks.count - 1])"
        default: "ranks \(ranks[0]), \(ranks[1]) and \(ranks.count - 2) others"
        }
    }
}
