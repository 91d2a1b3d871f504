/// Finds short weaves.
///
/// It searches the states that weaves lead through, with room for few states at first and for more as long as that may
/// gain: exactly where problems are small, which two layers of a mixture of experts usually are. Then neighbouring turns
/// change places as long as that betters something.
///
/// Among weaves of one makespan it prefers the one whose backward ends first: forwards run micro-batches ahead of what they
/// feed, while the stage before waits for each backward. Then the one whose forward ends first, then the one whose weight
/// gradients lie the shortest, for they hold memory.
///
/// The same problem always has the same plan.
public struct WeavePlanner: Hashable, Sendable {
    /// How many states the search keeps of those in which the same parts have run, round after round.
    private static let widths = [2, 8, 32]
    /// How many states it looks at in all before it rests content, unless a first round takes more.
    private static let effortLimit = 30_000

    /// A planner.
    public init() {}

    /// A short weave of `problem`, never longer than the sequential or the alternating one.
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
        var effort = 0
        for width in Self.widths where makespan > bound.time && !isExact && effort < Self.effortLimit {
            let search = WeaveSearch(
                tables, below: makespan, width: width,
                effortLimit: width == Self.widths[0] ? .max : Self.effortLimit - effort)
            effort += search.effort
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
