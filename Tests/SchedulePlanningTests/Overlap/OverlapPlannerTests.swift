import SchedulePlanning
import Testing

@Suite("The overlap planner") struct OverlapPlannerTests {
    private let planner = OverlapPlanner()

    /// Returns the shortest makespan of all orders, each simulated.
    private func best(_ problem: OverlapProblem) throws -> Int64 {
        var least = Int64.max
        var every = EveryOverlapPlan(problem)
        try every.forEach { least = min(least, try OverlapSimulation($0, of: problem).makespan) }
        return least
    }

    @Test("Plans of small random problems are the shortest of all orders")
    func smallProblemsArePlannedOptimally() throws {
        for seed in 0..<300 {
            let problem = try SampleOverlapProblems.anything(seed: seed, segments: 4, weights: 2)
            let plan = planner.plan(problem)
            let least = try best(problem)
            #expect(plan.makespan == least, "seed \(seed): \(plan.plan)")
            #expect(plan.isOptimal, "seed \(seed)")
            #expect(plan.bound.time <= least, "seed \(seed)")
        }
    }

    @Test("Plans of one MoE layer are the shortest of all orders")
    func oneLayerIsPlannedOptimally() throws {
        for set in 0..<4 {
            let problem = try SampleOverlapProblems.experts(set: set, layers: 1, defersWeights: false)
            #expect(try planner.plan(problem).makespan == best(problem), "set \(set)")
        }
    }

    @Test("The exact search of the tests agrees with all orders")
    func memoisedSearchAgreesWithAllOrders() throws {
        for seed in 1000..<1200 {
            let problem = try SampleOverlapProblems.anything(seed: seed, segments: 4, weights: 2)
            let least = try best(problem)
            let found = ExactOverlapPlan(problem, below: least + 1, maximumStates: .max)
            #expect(found.makespan == least, "seed \(seed)")
            #expect(ExactOverlapPlan(problem, below: least, maximumStates: .max).makespan == least, "seed \(seed)")
        }
    }

    @Test("Plans of two MoE layers are within 2 % of the optimum", arguments: [false, true])
    func twoLayersAreWithinTwoPercentOfTheBest(defersWeights: Bool) throws {
        for set in 0..<8 {
            let problem = try SampleOverlapProblems.experts(set: set, layers: 2, defersWeights: defersWeights)
            let plan = planner.plan(problem)
            let exact = ExactOverlapPlan(problem, below: plan.makespan, maximumStates: 40_000)
            #expect(exact.isComplete, "set \(set)")
            #expect(Double(plan.makespan) <= 1.02 * Double(exact.makespan), "set \(set)")
            if plan.isOptimal { #expect(plan.makespan == exact.makespan, "set \(set)") }
        }
    }

    @Test("A plan has its stated makespan, no shorter than its bound and no longer than the plain orders")
    func certifiedPlanHasItsMakespan() throws {
        for seed in 0..<200 {
            let problem = try SampleOverlapProblems.anything(seed: seed, segments: 9, weights: 6)
            let plan = planner.plan(problem)
            let simulation = try OverlapSimulation(plan.plan, of: problem)
            #expect(plan.makespan == simulation.makespan, "seed \(seed)")
            #expect(plan.backwardEnd == simulation.backwardEnd, "seed \(seed)")
            #expect(plan.makespan >= plan.bound.time, "seed \(seed)")
            #expect(plan.isOptimal || plan.gap > 0, "seed \(seed)")
            for plain in [OverlapPlan.sequential(problem), .alternating(problem)] {
                #expect(try plan.makespan <= OverlapSimulation(plain, of: problem).makespan, "seed \(seed)")
            }
            let drawn = SampleOverlapProblems.anyPlan(of: problem, seed: seed)
            if plan.isOptimal {
                #expect(try plan.makespan <= OverlapSimulation(drawn, of: problem).makespan, "seed \(seed)")
            }
        }
    }

    @Test(
        "Plans of four MoE layers are no longer than plain and random orders, and near the bound",
        arguments: [false, true])
    func fourLayersAreNoLongerThanUnplanned(defersWeights: Bool) throws {
        for set in 0..<40 {
            let problem = try SampleOverlapProblems.experts(set: set, layers: 4, defersWeights: defersWeights)
            let plan = planner.plan(problem)
            #expect(plan.gap < 0.15, "set \(set)")
            for plain in [OverlapPlan.sequential(problem), .alternating(problem)] {
                #expect(try plan.makespan <= OverlapSimulation(plain, of: problem).makespan, "set \(set)")
            }
            for seed in 0..<5 {
                let drawn = SampleOverlapProblems.anyPlan(of: problem, seed: seed)
                #expect(try plan.makespan <= OverlapSimulation(drawn, of: problem).makespan, "set \(set)")
            }
        }
    }

    @Test("1,400 segments and 500 weight gradients are planned no longer than the plain orders")
    func hundredsOfSegmentsArePlanned() throws {
        let problem = try SampleOverlapProblems.experts(set: 1, layers: 100, defersWeights: true)
        let plan = planner.plan(problem)
        #expect(try plan.makespan == OverlapSimulation(plan.plan, of: problem).makespan)
        for plain in [OverlapPlan.sequential(problem), .alternating(problem)] {
            #expect(try plan.makespan <= OverlapSimulation(plain, of: problem).makespan)
        }
    }

    @Test("Equal problems have equal plans")
    func equalProblemsHaveEqualPlans() throws {
        for set in 0..<10 {
            let problem = try SampleOverlapProblems.experts(set: set, layers: 3, defersWeights: set % 2 == 0)
            #expect(planner.plan(problem) == OverlapPlanner().plan(problem))
        }
    }

    @Test("An action without a partner hides its exchanges under deferred weight gradients")
    func unpairedActionsHideUnderWeightGradients() throws {
        let forward = SegmentSequence([
            .compute(cost: 10), .exchange(cost: 20), .compute(cost: 5, reads: [1]), .exchange(cost: 20),
            .compute(cost: 1, reads: [3]),
        ])
        let weights = (0..<5).map { _ in WeightSegment(cost: 8, after: nil) }
        let plan = try planner.plan(OverlapProblem(forward: forward, weights: weights))
        #expect(plan.makespan == 60)
        #expect(plan.isOptimal)
        #expect(try planner.plan(OverlapProblem(forward: forward)).makespan == 56)
        #expect(try planner.plan(OverlapProblem(backward: forward)).plan.description == "B5")
        #expect(try planner.plan(OverlapProblem()).plan == OverlapPlan([]))
    }

    @Test("Among plans of equal makespan, the one with the earlier backward is chosen")
    func equalMakespansPreferTheEarlierBackward() throws {
        let segments: [PassSegment] = [.compute(cost: 3), .compute(cost: 4)]
        let problem = try OverlapProblem(
            forward: SegmentSequence(segments), backward: SegmentSequence(segments),
            weights: [WeightSegment(cost: 2, after: 0)])
        let plan = planner.plan(problem)
        #expect(plan.plan.description == "B2F2W")
        #expect(plan.makespan == 16)
        #expect(plan.backwardEnd == 7)
    }

    @Test("The current plan is kept until another is shorter by more than the given fraction")
    func currentPlanIsKeptUntilAnotherIsShorter() throws {
        let problem = try SampleOverlapProblems.experts(set: 3, layers: 2, defersWeights: true)
        let best = planner.plan(problem)
        let plain = try OverlapSimulation(.sequential(problem), of: problem)
        #expect(best.improves(on: plain))
        #expect(planner.plan(problem, improvingOn: plain.plan) == best)
        let gain = 1 - Double(best.makespan) / Double(plain.makespan)
        #expect(planner.plan(problem, improvingOn: plain.plan, byMoreThan: gain * 0.99).plan == best.plan)
        let kept = planner.plan(problem, improvingOn: plain.plan, byMoreThan: gain * 1.01)
        #expect(kept.plan == plain.plan)
        #expect(kept.makespan == plain.makespan)
        #expect(!kept.isOptimal)
        // Equal makespans are no gain, even if something else differs.
        #expect(planner.plan(problem, improvingOn: best.plan, byMoreThan: 0) == best)
        // A plan that fits another problem is replaced.
        #expect(planner.plan(problem, improvingOn: try OverlapPlan("FB")) == best)
    }
}
