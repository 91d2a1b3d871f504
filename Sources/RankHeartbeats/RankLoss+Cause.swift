extension RankLoss {
    /// Returns the first cause of the loss that the states of all ranks show; nil if every rank is alive and makes
    /// progress, as far as an observer can tell.
    ///
    /// The earliest death or the oldest heartbeat comes before a rank without progress, because ranks that wait for a
    /// lost rank make none. A rank that waits for others is not a cause: the ranks at the roots of the waits are.
    package static func firstCause(of states: [RankState], _ limits: HeartbeatLimits) -> RankLoss? {
        let graph = WaitGraph(states.map { $0.isDone ? RankBeat() : $0.beat })
        return lost(states, limits, graph) ?? stuck(states, limits, graph) ?? mutual(states, limits, graph)
    }

    private static func lost(_ states: [RankState], _ limits: HeartbeatLimits, _ graph: WaitGraph) -> RankLoss? {
        var isCertain = false
        let lost = states.indices.compactMap { rank -> (rank: Int, kind: Kind, duration: Duration)? in
            let state = states[rank]
            if state.isDone { return nil }
            if let duration = state.sinceEnd {
                isCertain = isCertain || duration >= limits.grace
                return (rank, .ended, duration)
            }
            guard let silence = state.silence, silence >= limits.age else { return nil }
            isCertain = true
            return (rank, .silent, silence)
        }
        guard isCertain, let first = lost.max(by: { ($0.duration, $1.rank) < ($1.duration, $0.rank) }) else {
            return nil
        }
        return loss(first.kind, first.rank, first.duration, states, graph.waiting(for: first.rank))
    }

    private static func stuck(_ states: [RankState], _ limits: HeartbeatLimits, _ graph: WaitGraph) -> RankLoss? {
        let stuck = late(states, limits).filter { !states[$0].beat.isWaiting }
        for rank in stuck {
            let waiting = graph.waiting(for: rank)
            if !waiting.isEmpty { return loss(.stuck, rank, states[rank].inOperation, states, waiting) }
        }
        return nil
    }

    private static func mutual(_ states: [RankState], _ limits: HeartbeatLimits, _ graph: WaitGraph) -> RankLoss? {
        let late = late(states, limits)
        // Every rank that could end the waits must itself wait for ranks, and too long.
        return late.lazy.compactMap { rank -> RankLoss? in
            let awaited = graph.awaited(by: rank)
            guard awaited.contains(rank), awaited.isSubset(of: late),
                awaited.allSatisfy({ !states[$0].beat.peers.isEmpty })
            else { return nil }
            return loss(.mutual, rank, states[rank].inOperation, states, awaited.subtracting([rank]).sorted())
        }.first
    }

    /// The ranks whose operations take too long, the longest operation first.
    private static func late(_ states: [RankState], _ limits: HeartbeatLimits) -> [Int] {
        states.indices.filter { rank in
            let state = states[rank]
            return state.sinceEnd == nil && state.silence != nil && state.beat.phase != .done
                && state.inOperation >= limits.budget(state.beat.phase, longest: state.longest)
        }.sorted { (states[$1].inOperation, $0) < (states[$0].inOperation, $1) }
    }

    private static func loss(
        _ kind: Kind, _ rank: Int, _ duration: Duration, _ states: [RankState], _ waiting: [Int]
    ) -> RankLoss {
        RankLoss(kind: kind, rank: rank, beat: states[rank].beat, duration: duration, waiting: waiting)
    }
}
