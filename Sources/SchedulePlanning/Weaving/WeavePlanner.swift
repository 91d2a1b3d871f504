/// Finds a short weave.
public struct WeavePlanner: Hashable, Sendable {
    /// A planner.
    public init() {}

    /// A weave of `problem` with a small makespan, never longer than the sequential or the alternating one.
    ///
    /// Among weaves of one makespan it prefers the one whose backward ends first: forwards run some micro-batches ahead of
    /// what they feed, while the stage before waits for every backward. Then the one whose forward ends first, then the
    /// one whose weight gradients lie the shortest.
    ///
    /// Deterministic: equal problems have equal plans.
    public func plan(_ problem: WeaveProblem) -> WeavePlan {
        let bound = WeaveBound(problem)
        let candidates = [greedy(problem), .alternating(problem), .sequential(problem)]
        let simulations = candidates.compactMap { try? WeaveSimulation($0, of: problem) }
        guard let best = simulations.min(by: { $0.rank < $1.rank }) else {
            preconditionFailure("every candidate suits the problem it is made for")
        }
        return WeavePlan(
            weave: best.weave, makespan: best.makespan, backwardEnd: best.backwardEnd, bound: bound,
            isOptimal: best.makespan == bound.time)
    }

    /// A plan for new costs that keeps `current` unless another weave takes more than `fraction` less than it.
    ///
    /// A current weave that does not suit the problem is replaced.
    public func plan(
        _ problem: WeaveProblem, improvingOn current: Weave, byMoreThan fraction: Double = 0.02
    )
        -> WeavePlan
    {
        let found = plan(problem)
        guard let simulation = try? WeaveSimulation(current, of: problem),
            !found.improves(on: simulation, byMoreThan: fraction)
        else { return found }
        return WeavePlan(
            weave: current, makespan: simulation.makespan, backwardEnd: simulation.backwardEnd, bound: found.bound,
            isOptimal: simulation.makespan == found.makespan && found.isOptimal)
    }

    /// Always the part that waits the shortest; a weight gradient where every part would wait.
    private func greedy(_ problem: WeaveProblem) -> Weave {
        let sequences = [problem.forward.parts, problem.backward.parts]
        var ends = sequences.map { [Int64](repeating: 0, count: $0.count) }
        var positions = [0, 0, 0]
        var (time, channel): (Int64, Int64) = (0, 0)
        var turns: [Weave.Turn] = []
        func ready(_ sequence: Int) -> Int64? {
            guard positions[sequence] < sequences[sequence].count else { return nil }
            return sequences[sequence][positions[sequence]].reads.reduce(time) { max($0, ends[sequence][$1]) }
        }
        while turns.count < sequences[0].count + sequences[1].count + problem.weights.count {
            let times = [ready(0), ready(1)]
            let earliest = times.compactMap { $0 }.min()
            if earliest.map({ $0 > time }) ?? true, positions[2] < problem.weights.count,
                problem.weights[positions[2]].after.map({ $0 < positions[1] }) ?? true
            {
                time += problem.weights[positions[2]].cost
                positions[2] += 1
                turns.append(.weights)
                continue
            }
            guard let earliest else { break }
            let sequence = times[1] == earliest ? 1 : 0
            let part = sequences[sequence][positions[sequence]]
            switch part.resource {
            case .compute:
                time = earliest + part.cost
            case .channel:
                time = earliest + part.startCost
                channel = max(channel, time) + part.cost
                ends[sequence][positions[sequence]] = channel
            }
            positions[sequence] += 1
            turns.append(sequence == 0 ? .forward : .backward)
        }
        return Weave(turns)
    }
}

extension WeaveSimulation {
    /// What makes one weave better than another, the first that differs.
    fileprivate var rank: (Int64, Int64, Int64, Int64) { (makespan, backwardEnd, forwardEnd, weightDelay) }
}
