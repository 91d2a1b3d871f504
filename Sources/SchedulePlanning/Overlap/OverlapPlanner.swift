/// A planner that finds overlap plans with a short makespan.
///
/// The planner runs a beam search, first with a narrow beam and then with wider beams as long as these may find a
/// shorter plan. If the search drops no state, the plan is optimal, as it usually is for up to four MoE layers;
/// `Benchmarks/overlap/planner` compares with the best of all interleavings. A local search then swaps neighbouring
/// segments as long as that improves the plan.
///
/// Among plans of equal makespan, the planner prefers the one whose backward ends first: the previous stage waits for
/// each backward, while forwards run several micro-batches ahead of the stages that they feed. The planner next prefers
/// the earliest end of the forward, and then the shortest delay of weight gradients, because these hold memory.
///
/// The planner returns the same plan for the same problem.
public struct OverlapPlanner: Hashable, Sendable {
    /// The beam widths of the rounds: the maximum number of states per cell, which holds the states in which the same
    /// segments have run.
    private static let widths = [2, 8, 32]
    /// The limit of examined states over all rounds: `perCell` for each cell, but at least `least` and at most `most`.
    private static let effort = (least: 30_000, perCell: 40, most: 2_000_000)

    /// A planner.
    public init() {}

    /// Returns a short plan for `problem`, never longer than the sequential or the alternating plan.
    ///
    /// If the first round exceeds two million states, as with many hundreds of segments, the better of these two plans
    /// is improved instead.
    ///
    /// - Complexity: O(forward segments · backward segments + segments²).
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
        var effortLeft = min(max(Self.effort.least, Self.effort.perCell * cells), Self.effort.most)
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

    /// Returns a plan for new costs. The plan is `current`, unless another plan is shorter by more than `fraction` of
    /// the makespan of `current`.
    ///
    /// A current plan that does not fit the problem is replaced.
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
