/// Finds short plans.
///
/// It searches the states that plans lead through, with room for few at first and for more as long as that may gain.
/// Where none had to be left out the plan is the shortest of all, as it usually is for up to four layers of a mixture
/// of experts; `Benchmarks/overlap/planner` compares. Then neighbouring segments are swapped as long as that improves
/// the plan.
///
/// Among plans of one makespan it prefers the one whose backward ends first: forwards run micro-batches ahead of what
/// they feed, while the stage before waits for each backward. Then the one whose forward ends first, then the one whose
/// weight gradients lie the shortest, for they hold memory.
///
/// The same problem always has the same plan.
public struct OverlapPlanner: Hashable, Sendable {
    /// How many states the search keeps of those in which the same segments have run, round after round.
    private static let widths = [2, 8, 32]
    /// How many states it looks at in all before it rests content: this many, or more by the square of the segments.
    private static let effort = (least: 30_000, aCell: 40, most: 2_000_000)

    /// A planner.
    public init() {}

    /// A short plan of `problem`, never longer than the sequential or the alternating one.
    ///
    /// Where the first search would look at more than two million states, as it does with many hundreds of segments,
    /// the better of these two is improved instead.
    ///
    /// Complexity: O(forward segments · backward segments + segments²).
    public func plan(_ problem: OverlapProblem) -> CertifiedOverlapPlan {
        let tables = OverlapTables(problem)
        let bound = OverlapBound(tables)
        var order = OverlapPlan.sequential(problem).order
        var makespan = OverlapScorer.score(order, tables)?.makespan ?? .max
        let alternating = OverlapPlan.alternating(problem).order
        if let other = OverlapScorer.score(alternating, tables)?.makespan, other < makespan {
            (order, makespan) = (alternating, other)
        }
        var isExact = false
        let cells = (tables.forward.count + 1) * (tables.backward.count + 1)
        var effortLeft = min(max(Self.effort.least, Self.effort.aCell * cells), Self.effort.most)
        for width in Self.widths where makespan > bound.time && !isExact && effortLeft > 0 {
            let search = OverlapBeam.search(tables, below: makespan, width: width, effortLimit: effortLeft)
            effortLeft -= search.effort
            isExact = search.isExact
            if let found = search.found { (order, makespan) = found }
        }
        let best = OverlapLocalSearch(order, tables)
        return CertifiedOverlapPlan(
            plan: OverlapPlan(best.order), makespan: best.score.makespan, backwardEnd: best.score.backwardEnd,
            bound: bound, isOptimal: isExact || best.score.makespan == bound.time)
    }

    /// A plan for new costs that keeps `current` unless another plan takes more than `fraction` less than it.
    ///
    /// A current plan that does not suit the problem is replaced.
    public func plan(
        _ problem: OverlapProblem, improvingOn current: OverlapPlan, byMoreThan fraction: Double = 0.02
    ) -> CertifiedOverlapPlan {
        let found = plan(problem)
        guard let simulation = try? OverlapSimulation(current, of: problem),
            !found.improves(on: simulation, byMoreThan: fraction)
        else { return found }
        return CertifiedOverlapPlan(
            plan: current, makespan: simulation.makespan, backwardEnd: simulation.backwardEnd, bound: found.bound,
            isOptimal: simulation.makespan == found.makespan && found.isOptimal)
    }
}
