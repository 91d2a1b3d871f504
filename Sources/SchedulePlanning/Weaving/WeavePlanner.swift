/// Finds short weaves.
///
/// It searches the states that weaves lead through, with room for few at first and for more as long as that may gain. Where
/// none had to be left out the weave is the shortest of all, as it usually is for up to four layers of a mixture of
/// experts; `Benchmarks/overlap/weaver` compares. Then neighbouring turns change places as long as that betters something.
///
/// Among weaves of one makespan it prefers the one whose backward ends first: forwards run micro-batches ahead of what they
/// feed, while the stage before waits for each backward. Then the one whose forward ends first, then the one whose weight
/// gradients lie the shortest, for they hold memory.
///
/// The same problem always has the same plan.
public struct WeavePlanner: Hashable, Sendable {
    /// How many states the search keeps of those in which the same parts have run, round after round.
    private static let widths = [2, 8, 32]
    /// How many states it looks at in all before it rests content: this many, or more by the square of the parts.
    private static let effort = (least: 30_000, aCell: 40, most: 2_000_000)

    /// A planner.
    public init() {}

    /// A short weave of `problem`, never longer than the sequential or the alternating one.
    ///
    /// Where the first search would look at more than two million states, as it does with many hundreds of parts, the better
    /// of these two is improved instead.
    ///
    /// Complexity: O(forward parts · backward parts + turns²).
    public func plan(_ problem: WeaveProblem) -> WeavePlan {
        let bound = WeaveBound(problem)
        let tables = WeaveTables(problem)
        var turns = Weave.sequential(problem).turns
        var makespan = WeaveScorer.score(turns, tables)?.makespan ?? .max
        let alternating = Weave.alternating(problem).turns
        if let other = WeaveScorer.score(alternating, tables)?.makespan, other < makespan {
            (turns, makespan) = (alternating, other)
        }
        var isExact = false
        let cells = (tables.forward.count + 1) * (tables.backward.count + 1)
        var effortLeft = min(max(Self.effort.least, Self.effort.aCell * cells), Self.effort.most)
        for width in Self.widths where makespan > bound.time && !isExact && effortLeft > 0 {
            let search = WeaveSearch(tables, below: makespan, width: width, effortLimit: effortLeft)
            effortLeft -= search.effort
            isExact = search.isExact
            if let found = search.found { (turns, makespan) = found }
        }
        let best = WeavePolish(turns, tables)
        return WeavePlan(
            weave: Weave(best.turns), makespan: best.score.makespan, backwardEnd: best.score.backwardEnd, bound: bound,
            isOptimal: isExact || best.score.makespan == bound.time)
    }

    /// A plan for new costs that keeps `current` unless another weave takes more than `fraction` less than it.
    ///
    /// A current weave that does not suit the problem is replaced.
    public func plan(
        _ problem: WeaveProblem, improvingOn current: Weave, byMoreThan fraction: Double = 0.02
    ) -> WeavePlan {
        let found = plan(problem)
        guard let simulation = try? WeaveSimulation(current, of: problem),
            !found.improves(on: simulation, byMoreThan: fraction)
        else { return found }
        return WeavePlan(
            weave: current, makespan: simulation.makespan, backwardEnd: simulation.backwardEnd, bound: found.bound,
            isOptimal: simulation.makespan == found.makespan && found.isOptimal)
    }
}
