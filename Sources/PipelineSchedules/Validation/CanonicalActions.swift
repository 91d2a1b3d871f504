/// Where a stage lives and where its cells are.
struct StageCells {
    let rank: Int
    let chain: Int
    let cells: Int
    let microbatchCount: Int
}

/// Tells compute that is as it should be from everything else.
struct CanonicalActions {
    let seen: UnsafeMutableBufferPointer<ActionBits>
    let stages: UnsafeBufferPointer<StageCells>
    let rank: Int

    /// The action's cell, where the action is compute on its own rank and may run after what has run; else nil.
    @inline(__always) func cell(_ action: Action) -> Int? {
        guard action.stage < stages.count else { return nil }
        let stage = stages[action.stage]
        guard stage.rank == rank, action.microbatch < stage.microbatchCount else { return nil }
        let cell = stage.cells + action.microbatch
        let before = seen[cell]
        let isCanonical =
            switch action.kind {
            case .forward: !before.contains(.forward)
            case .backward:
                before.contains(.forward) && before.isDisjoint(with: [.backward, .inputGradient, .weightGradient])
            case .inputGradient: before.contains(.forward) && before.isDisjoint(with: .inputReady)
            case .weightGradient:
                before.contains(.inputGradient) && before.isDisjoint(with: [.backward, .weightGradient])
            default: false
            }
        return isCanonical ? cell : nil
    }

    @inline(__always) func areIndependent(_ forward: Action, _ backward: Action) -> Bool {
        forward.microbatch != backward.microbatch || stages[forward.stage].chain != stages[backward.stage].chain
    }
}
