import SchedulePlanning

/// Every order of turns that suits a problem.
struct EveryWeave {
    let problem: WeaveProblem
    private var turns: [Weave.Turn] = []

    init(_ problem: WeaveProblem) {
        self.problem = problem
    }

    /// Calls `body` with each of them.
    mutating func forEach(_ body: (Weave) throws -> Void) rethrows {
        try descend(0, 0, 0, body)
    }

    private mutating func descend(
        _ forward: Int, _ backward: Int, _ weight: Int, _ body: (Weave) throws -> Void
    ) rethrows {
        let hasForward = forward < problem.forward.parts.count
        let hasBackward = backward < problem.backward.parts.count
        let hasWeight = weight < problem.weights.count
        guard hasForward || hasBackward || hasWeight else { return try body(Weave(turns)) }
        if hasForward {
            turns.append(.forward)
            try descend(forward + 1, backward, weight, body)
            turns.removeLast()
        }
        if hasBackward {
            turns.append(.backward)
            try descend(forward, backward + 1, weight, body)
            turns.removeLast()
        }
        if hasWeight, problem.weights[weight].after ?? -1 < backward {
            turns.append(.weights)
            try descend(forward, backward, weight + 1, body)
            turns.removeLast()
        }
    }
}
