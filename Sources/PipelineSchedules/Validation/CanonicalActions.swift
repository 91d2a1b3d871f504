/// The rank, the chain and the cells of a stage.
struct StageCells {
    let rank: Int
    let chain: Int
    let cells: Int
    let microbatchCount: Int
}

/// A fast check for compute actions that are valid at their position. Other actions, valid or not, fail the check.
struct CanonicalActions {
    let seen: UnsafeMutableBufferPointer<ActionBits>
    let stages: UnsafeBufferPointer<StageCells>
    let rank: Int

    /// Returns the action's cell if the action is compute, is on its stage's rank and may follow the actions before it;
    /// otherwise nil.
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
