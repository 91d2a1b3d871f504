import LibTorch
import SchedulePlanning

extension TrainingRank {
    /// Weaves anew what runs together, by what the last step's parts took, where that gains.
    ///
    /// The costs are means over the expert-parallel group, one of whose ranks plans for all; what they would say to each
    /// other is proved to be the same on all of them. Every rank of the group calls it between two steps.
    package func reweave() throws {
        guard let experts = groups.experts, executor.patterns.contains(where: \.parts.hasExchanges) else { return }
        var costs = MeasuredCosts(executor.patterns, recorder.timeline)
        let sums = try Tensor(costs.values, shape: [costs.values.count])
        try experts.allReduce(sums).wait()
        costs.values = try sums.doubles().map { $0 / Double(experts.size) }

        let turns = try Tensor.zeros([executor.weaves.reduce(0) { $0 + $1.turns.count }], .int64)
        if experts.rank == 0 {
            let planned = try zip(executor.patterns, executor.weaves).map { pattern, weave in
                guard pattern.parts.hasExchanges else { return weave }
                return try WeavePlanner().plan(costs.problem(pattern), improvingOn: weave).weave
            }
            let numbers = planned.flatMap { $0.turns.map { Int($0.rawValue) } }
            try turns.set(to: Tensor(numbers, shape: [numbers.count]))
        }
        try experts.broadcast(turns, from: 0).wait()
        var rest = try turns.integers().compactMap { Weave.Turn(rawValue: UInt8($0)) }[...]
        let weaves = executor.weaves.map { weave in
            defer { rest = rest.dropFirst(weave.turns.count) }
            return Weave(rest.prefix(weave.turns.count))
        }
        guard weaves != executor.weaves else { return }
        executor.weaves = weaves
        try communicationOrder.checkCollectives(of: groups.expertRanks, in: experts)
    }
}
