/// Where a rank is while ranks run without times.
struct RankCursor {
    /// The rank's row.
    let steps: UnsafeBufferPointer<Step>
    /// The next step.
    var position = 0
    /// The cell that the rank waits for, or -1.
    var awaited = -1
    /// The rank below on the stack of those that can go on, or -1.
    var below: Int
}

/// The tables of a run without times, as pointers; they are read without checks, as the validator has made sure that
/// every action names a cell.
///
/// It shares the dependencies of ``StageLinks`` with ``ClockWalk`` but not the clock: a validation holds one byte per
/// cell instead of two times of eight, knows transfers, and lets a rank run until it waits, in O(1) per action for any
/// number of ranks.
struct ExecutionWalk {
    let links: UnsafeBufferPointer<StageLinks>
    let done: UnsafeMutableBufferPointer<ActionBits>
    let ranks: UnsafeMutableBufferPointer<RankCursor>
    /// The top of the stack of ranks that can go on, or -1; at first there is one rank at least.
    var top = 0

    /// Runs what can run.
    mutating func run() {
        while top >= 0 {
            let rank = top
            top = ranks[rank].below
            advance(rank)
        }
    }

    @inline(__always) private mutating func advance(_ rank: Int) {
        let steps = ranks[rank].steps
        var position = ranks[rank].position
        while position < steps.count {
            let step = steps[position]
            if step.firstBits != 0 {
                var awaited = awaitedCell(of: Action(bits: step.firstBits))
                if awaited < 0, step.isOverlapped { awaited = awaitedCell(of: Action(bits: step.secondBits)) }
                if awaited >= 0 {
                    ranks[rank].awaited = awaited
                    break
                }
                finish(Action(bits: step.firstBits))
                if step.isOverlapped { finish(Action(bits: step.secondBits)) }
            }
            position += 1
        }
        ranks[rank].position = position
    }

    /// The cell that an action still waits for, or -1.
    @inline(__always) func awaitedCell(of action: Action) -> Int {
        let (cells, result) = links[action.stage].awaited(by: action.kind)
        guard cells >= 0, done[cells + action.microbatch].isDisjoint(with: result) else { return -1 }
        return cells + action.microbatch
    }

    @inline(__always) private mutating func finish(_ action: Action) {
        let consumer = links[action.stage].consumer(of: action.kind)
        guard consumer >= 0 else { return }
        let cell = links[action.stage].cells + action.microbatch
        done[cell].formUnion(ActionBits(action.kind))
        guard ranks[consumer].awaited == cell else { return }
        ranks[consumer].awaited = -1
        ranks[consumer].below = top
        top = consumer
    }
}
