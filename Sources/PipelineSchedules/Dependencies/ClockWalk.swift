/// Advances the ranks of a pipeline on one clock: which rank acts next, what has arrived there, and which ranks a
/// result wakes. What a rank then runs is up to the caller.
///
/// ```
/// while let (rank, time) = walk.next() {
///     guard walk.arrival(step) <= time else { … }
///     walk.occupy(rank, until: end)
///     walk.finish(action, at: end)
/// }
/// ```
///
/// Ranks act in the order of their times, at one time from the first to the last. A rank that neither runs nor waits is
/// looked at again once something that it may wait for is finished. All tables stay allocated between runs. A call of
/// ``next()`` is O(1) while several ranks act at one time, else O(ranks).
package struct ClockWalk {
    @usableFromInline let links: [StageLinks]
    /// Whether a rank is woken when a result is sent to it rather than when the result arrives.
    @usableFromInline let wakesAtSend: Bool
    /// When each cell's forward and input gradient have ended; -1 before.
    @usableFromInline var forwardEnds: [Int64]
    @usableFromInline var backwardEnds: [Int64]
    /// When each rank is looked at next; `Int64.max` if it waits to be woken.
    @usableFromInline var wakeUps: [Int64]
    /// When each rank's last step ended.
    package private(set) var free: [Int64]
    @usableFromInline var time: Int64 = -1
    /// The ranks that may have to be looked at in `time` still: the first, and the last.
    @usableFromInline var cursor = 0
    @usableFromInline var last = -1

    /// A walk on which every rank acts at time 0.
    ///
    /// - Parameter delay: How long a value takes from one rank to another; also asked for a rank and itself.
    package init(
        _ layout: StageLayout, rankCount: Int, wakesAtSend: Bool = false,
        delay: (_ source: Int, _ target: Int) -> Int64 = { _, _ in 0 }
    ) {
        links = StageLinks.all(layout, delay: delay)
        self.wakesAtSend = wakesAtSend
        forwardEnds = Array(repeating: -1, count: layout.cellCount)
        backwardEnds = forwardEnds
        wakeUps = Array(repeating: 0, count: rankCount)
        free = wakeUps
    }

    /// Starts from the beginning.
    package mutating func reset() {
        forwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
        backwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
        for rank in free.indices {
            wakeUps[rank] = 0
            free[rank] = 0
        }
        (time, cursor, last) = (-1, 0, -1)
    }

    /// The rank that acts next, and when; nil if every rank waits for another or is done.
    @inlinable package mutating func next() -> (rank: Int, time: Int64)? {
        while cursor <= last {
            if wakeUps[cursor] <= time {
                wakeUps[cursor] = .max
                return (cursor, time)
            }
            cursor += 1
        }
        var earliest = Int64.max
        for rank in wakeUps.indices where wakeUps[rank] <= earliest {
            if wakeUps[rank] < earliest { (earliest, cursor) = (wakeUps[rank], rank) }
            last = rank
        }
        guard earliest < .max else { return nil }
        time = earliest
        wakeUps[cursor] = .max
        return (cursor, time)
    }

    /// When what an action needs is on its rank; `Int64.max` if that is not known yet.
    @inlinable @inline(__always) package func arrival(_ kind: ActionKind, stage: Int, microbatch: Int) -> Int64 {
        let end: Int64
        let delay: Int64
        switch kind {
        case .forward where links[stage].previousCells >= 0:
            end = forwardEnds[links[stage].previousCells + microbatch]
            delay = links[stage].forwardDelay
        case .backward where links[stage].nextCells >= 0, .inputGradient where links[stage].nextCells >= 0:
            end = backwardEnds[links[stage].nextCells + microbatch]
            delay = links[stage].backwardDelay
        default: return 0
        }
        return end < 0 ? .max : end + delay
    }

    /// When what a step needs is on its rank; `Int64.max` if that is not known yet.
    @inlinable @inline(__always) package func arrival(_ step: Step) -> Int64 {
        var latest: Int64 = 0
        step.forEachAction { action in
            latest = max(latest, arrival(action.kind, stage: action.stage, microbatch: action.microbatch))
        }
        return latest
    }

    /// Has a rank looked at again at a time at the latest.
    @inlinable @inline(__always) package mutating func wait(_ rank: Int, until time: Int64) {
        wakeUps[rank] = min(wakeUps[rank], time)
        guard time <= self.time else { return }
        cursor = min(cursor, rank)
        last = max(last, rank)
    }

    /// Keeps a rank busy until a time, at which it is looked at again.
    @inlinable @inline(__always) package mutating func occupy(_ rank: Int, until end: Int64) {
        free[rank] = end
        wakeUps[rank] = .max
        wait(rank, until: end)
    }

    /// Notes when an action's result is there, and wakes the rank that may wait for it.
    @inlinable @inline(__always) package mutating func finish(_ action: Action, at end: Int64) {
        let stage = action.stage
        let cell = links[stage].cells + action.microbatch
        switch action.kind {
        case .forward:
            forwardEnds[cell] = end
            guard links[stage].nextRank >= 0 else { return }
            wake(links[stage].nextRank, at: wakesAtSend ? end : end + links[stage + 1].forwardDelay)
        case .backward, .inputGradient:
            backwardEnds[cell] = end
            guard links[stage].previousRank >= 0 else { return }
            wake(links[stage].previousRank, at: wakesAtSend ? end : end + links[stage - 1].backwardDelay)
        default: return
        }
    }

    @inlinable @inline(__always) mutating func wake(_ rank: Int, at time: Int64) {
        wait(rank, until: max(time, free[rank]))
    }
}
