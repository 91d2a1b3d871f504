/// The position of a rank in a run without times.
struct RankCursor {
    /// The rank's row.
    let steps: UnsafeBufferPointer<Step>
    /// The index of the next step.
    var position = 0
    /// The (stage, micro-batch) cell that the rank waits for, or -1.
    var awaited = -1
    /// The rank below this one on the stack of ranks that can advance, or -1.
    var below: Int
}

/// A run of a schedule without times. Its tables are pointers that are read without checks, because the row validator
/// has ensured that every action names a cell.
///
/// The walk uses the dependencies of ``StageLinks``, as ``ClockWalk`` does, but no clock. It needs one byte per cell
/// instead of two times of eight bytes, covers transfers, and lets each rank run until it waits. That takes O(1) per
/// action for any number of ranks.
struct ExecutionWalk {
    let links: UnsafeBufferPointer<StageLinks>
    let done: UnsafeMutableBufferPointer<ActionBits>
    let ranks: UnsafeMutableBufferPointer<RankCursor>
    /// The top of the stack of ranks that can advance, or -1. A schedule has at least one rank, so rank 0 is the first
    /// top.
    var top = 0

    /// Runs until no rank can advance.
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

    /// Returns the cell that an action still waits for, or -1.
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
