import SchedulePlanning

/// Every order of segments that fits a problem.
struct EveryOverlapPlan {
    let problem: OverlapProblem
    private var order: [OverlapPlan.Pass] = []

    init(_ problem: OverlapProblem) {
        self.problem = problem
    }

    /// Calls `body` with each plan.
    mutating func forEach(_ body: (OverlapPlan) throws -> Void) rethrows {
        try descend(0, 0, 0, body)
    }

    private mutating func descend(
        _ forward: Int, _ backward: Int, _ weight: Int, _ body: (OverlapPlan) throws -> Void
    ) rethrows {
        let hasForward = forward < problem.forward.segments.count
        let hasBackward = backward < problem.backward.segments.count
        let hasWeight = weight < problem.weights.count
        guard hasForward || hasBackward || hasWeight else { return try body(OverlapPlan(order)) }
        if hasForward {
            order.append(.forward)
            try descend(forward + 1, backward, weight, body)
            order.removeLast()
        }
        if hasBackward {
            order.append(.backward)
            try descend(forward, backward + 1, weight, body)
            order.removeLast()
        }
        if hasWeight, problem.weights[weight].after ?? -1 < backward {
            order.append(.weights)
            try descend(forward, backward, weight + 1, body)
            order.removeLast()
        }
    }
}
