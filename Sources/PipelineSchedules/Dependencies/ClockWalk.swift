/// A simulation of the ranks of a pipeline on one clock. It returns the rank that acts next and the arrival times of
/// inputs, and it wakes the ranks that wait for a result. The caller decides what a rank runs.
///
/// ```
/// while let (rank, time) = walk.next() {
///     guard walk.arrival(step) <= time else { … }
///     walk.occupy(rank, until: end)
///     walk.finish(action, at: end)
/// }
/// ```
///
/// Ranks act in the order of their times, and ranks with the same time in ascending order. A rank that neither runs nor
/// waits is visited again once a result that it may wait for is finished. All tables stay allocated between runs. A
/// call of ``next()`` is O(1) while several ranks act at one time, otherwise O(ranks).
package struct ClockWalk {
    @usableFromInline let links: [StageLinks]
    /// Whether a rank is woken when a result is sent to it rather than when the result arrives.
    @usableFromInline let wakesAtSend: Bool
    /// The time at which each cell's forward has ended; -1 before.
    @usableFromInline var forwardEnds: [Int64]
    /// The time at which each cell's input gradient has ended; -1 before.
    @usableFromInline var backwardEnds: [Int64]
    /// The time of each rank's next visit; `Int64.max` if the rank waits to be woken.
    @usableFromInline var wakeUps: [Int64]
    /// The time at which each rank's last step ended.
    package private(set) var free: [Int64]
    @usableFromInline var time: Int64 = -1
    /// The first rank that may still have to be visited at `time`.
    @usableFromInline var cursor = 0
    /// The last rank that may still have to be visited at `time`.
    @usableFromInline var last = -1

    /// Creates a walk in which every rank acts at time 0.
    ///
    /// - Parameter delay: The time that a value takes from one rank to another. `delay` is also called for a rank and
    ///   itself.
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

    /// Returns to time 0 with no action run.
    package mutating func reset() {
        forwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
        backwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
        for rank in free.indices {
            wakeUps[rank] = 0
            free[rank] = 0
        }
        (time, cursor, last) = (-1, 0, -1)
    }

    /// Returns the rank that acts next and its time; nil if every rank waits for another or is done.
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

    /// Returns the time at which an action's input is on its rank; `Int64.max` if the time is not known yet.
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

    /// Returns the time at which all inputs of a step are on its rank; `Int64.max` if the time is not known yet.
    @inlinable @inline(__always) package func arrival(_ step: Step) -> Int64 {
        var latest: Int64 = 0
        step.forEachAction { action in
            latest = max(latest, arrival(action.kind, stage: action.stage, microbatch: action.microbatch))
        }
        return latest
    }

    /// Schedules another visit of a rank, no later than `time`.
    @inlinable @inline(__always) package mutating func wait(_ rank: Int, until time: Int64) {
        wakeUps[rank] = min(wakeUps[rank], time)
        guard time <= self.time else { return }
        cursor = min(cursor, rank)
        last = max(last, rank)
    }

    /// Keeps the rank busy until `end`, and visits the rank again then.
    @inlinable @inline(__always) package mutating func occupy(_ rank: Int, until end: Int64) {
        free[rank] = end
        wakeUps[rank] = .max
        wait(rank, until: end)
    }

    /// Records the time of an action's result, and wakes the rank that may wait for the result.
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
