import PipelineRuntime
import DistributedRuntime
import LibTorch
import SchedulePlanning

extension Trainer {
    /// Replans the overlap of actions that run together, with the costs measured in the last step. A plan changes only
    /// if the new plan takes more than 2 % less time.
    ///
    /// The costs are means over the expert-parallel group. Rank 0 of the group plans for all of its ranks. Then the
    /// ranks check that they start the same exchanges in the same order. Every rank of the group must call it between
    /// two steps.
    package func replanOverlap() throws {
        guard let experts = groups.experts, executor.patterns.contains(where: \.problem.hasExchanges) else { return }
        var costs = MeasuredCosts(executor.patterns, recorder.timeline)
        let sums = try Tensor(costs.values, shape: [costs.values.count])
        try experts.allReduce(sums).wait()
        costs.values = try sums.doubles().map { $0 / Double(experts.size) }

        let order = try Tensor.zeros([executor.overlapPlans.reduce(0) { $0 + $1.order.count }], .int64)
        if experts.rank == 0 {
            let planned = try zip(executor.patterns, executor.overlapPlans).map { try costs.plan($0, improvingOn: $1) }
            let numbers = planned.flatMap { $0.order.map { Int($0.rawValue) } }
            try order.set(to: Tensor(numbers, shape: [numbers.count]))
        }
        try experts.broadcast(order, from: 0).wait()
        var rest = try order.integers().compactMap { OverlapPlan.Pass(rawValue: UInt8($0)) }[...]
        let overlapPlans = executor.overlapPlans.map { plan in
            defer { rest = rest.dropFirst(plan.order.count) }
            return OverlapPlan(rest.prefix(plan.order.count))
        }
        guard overlapPlans != executor.overlapPlans else { return }
        executor.overlapPlans = overlapPlans
        try communicationOrder.checkCollectives(of: groups.expertRanks, in: experts)
    }
}
