import SchedulePlanning
import Testing

@Suite struct WeavePlannerTests {
    private let planner = WeavePlanner()

    /// The shortest of all orders, each simulated.
    private func best(_ problem: WeaveProblem) throws -> Int64 {
        var least = Int64.max
        var every = EveryWeave(problem)
        try every.forEach { least = min(least, try WeaveSimulation($0, of: problem).makespan) }
        return least
    }

    @Test func smallProblemsArePlannedAsWellAsCanBe() throws {
        for seed in 0..<300 {
            let problem = try SampleWeaves.anything(seed: seed, parts: 4, weights: 2)
            let plan = planner.plan(problem)
            let least = try best(problem)
            #expect(plan.makespan == least, "seed \(seed): \(plan.weave)")
            #expect(plan.isOptimal, "seed \(seed)")
            #expect(plan.bound.time <= least, "seed \(seed)")
        }
    }

    @Test func oneLayerIsPlannedAsWellAsCanBe() throws {
        for set in 0..<4 {
            let problem = try SampleWeaves.experts(set: set, layers: 1, defersWeights: false)
            #expect(try planner.plan(problem).makespan == best(problem), "set \(set)")
        }
    }

    @Test func memoisedSearchAgreesWithAllOrders() throws {
        for seed in 1000..<1200 {
            let problem = try SampleWeaves.anything(seed: seed, parts: 4, weights: 2)
            let least = try best(problem)
            let found = ExactWeave(problem, below: least + 1, maximumStates: .max)
            #expect(found.makespan == least, "seed \(seed)")
            #expect(ExactWeave(problem, below: least, maximumStates: .max).makespan == least, "seed \(seed)")
        }
    }

    @Test(arguments: [false, true])
    func twoLayersAreWithinTwoPercentOfTheBest(defersWeights: Bool) throws {
        for set in 0..<8 {
            let problem = try SampleWeaves.experts(set: set, layers: 2, defersWeights: defersWeights)
            let plan = planner.plan(problem)
            let exact = ExactWeave(problem, below: plan.makespan, maximumStates: 40_000)
            #expect(exact.isComplete, "set \(set)")
            #expect(Double(plan.makespan) <= 1.02 * Double(exact.makespan), "set \(set)")
            if plan.isOptimal { #expect(plan.makespan == exact.makespan, "set \(set)") }
        }
    }

    @Test func aPlanSaysWhatItsWeaveTakes() throws {
        for seed in 0..<200 {
            let problem = try SampleWeaves.anything(seed: seed, parts: 9, weights: 6)
            let plan = planner.plan(problem)
            let simulation = try WeaveSimulation(plan.weave, of: problem)
            #expect(plan.makespan == simulation.makespan, "seed \(seed)")
            #expect(plan.backwardEnd == simulation.backwardEnd, "seed \(seed)")
            #expect(plan.makespan >= plan.bound.time, "seed \(seed)")
            #expect(plan.isOptimal || plan.gap > 0, "seed \(seed)")
            for plain in [Weave.sequential(problem), .alternating(problem)] {
                #expect(try plan.makespan <= WeaveSimulation(plain, of: problem).makespan, "seed \(seed)")
            }
            let drawn = SampleWeaves.anyWeave(of: problem, seed: seed)
            if plan.isOptimal {
                #expect(try plan.makespan <= WeaveSimulation(drawn, of: problem).makespan, "seed \(seed)")
            }
        }
    }

    @Test(arguments: [false, true])
    func fourLayersBeatWhatIsNotPlanned(defersWeights: Bool) throws {
        for set in 0..<40 {
            let problem = try SampleWeaves.experts(set: set, layers: 4, defersWeights: defersWeights)
            let plan = planner.plan(problem)
            #expect(plan.gap < 0.15, "set \(set)")
            for plain in [Weave.sequential(problem), .alternating(problem)] {
                #expect(try plan.makespan <= WeaveSimulation(plain, of: problem).makespan, "set \(set)")
            }
            for seed in 0..<5 {
                let drawn = SampleWeaves.anyWeave(of: problem, seed: seed)
                #expect(try plan.makespan <= WeaveSimulation(drawn, of: problem).makespan, "set \(set)")
            }
        }
    }

    @Test func hundredsOfPartsArePlannedToo() throws {
        let problem = try SampleWeaves.experts(set: 1, layers: 100, defersWeights: true)
        let plan = planner.plan(problem)
        #expect(try plan.makespan == WeaveSimulation(plan.weave, of: problem).makespan)
        for plain in [Weave.sequential(problem), .alternating(problem)] {
            #expect(try plan.makespan <= WeaveSimulation(plain, of: problem).makespan)
        }
    }

    @Test func equalProblemsHaveEqualPlans() throws {
        for set in 0..<10 {
            let problem = try SampleWeaves.experts(set: set, layers: 3, defersWeights: set % 2 == 0)
            #expect(planner.plan(problem) == WeavePlanner().plan(problem))
        }
    }

    @Test func loneActionsHideUnderWeightGradients() throws {
        let forward = WeaveSequence([
            .compute(cost: 10), .exchange(cost: 20), .compute(cost: 5, reads: [1]), .exchange(cost: 20),
            .compute(cost: 1, reads: [3]),
        ])
        let weights = (0..<5).map { _ in WeightPart(cost: 8, after: nil) }
        let plan = try planner.plan(WeaveProblem(forward: forward, weights: weights))
        #expect(plan.makespan == 60)
        #expect(plan.isOptimal)
        #expect(try planner.plan(WeaveProblem(forward: forward)).makespan == 56)
        #expect(try planner.plan(WeaveProblem(backward: forward)).weave.description == "B5")
        #expect(try planner.plan(WeaveProblem()).weave == Weave([]))
    }

    @Test func amongEqualsTheBackwardEndsFirst() throws {
        let parts: [WeavePart] = [.compute(cost: 3), .compute(cost: 4)]
        let problem = try WeaveProblem(
            forward: WeaveSequence(parts), backward: WeaveSequence(parts), weights: [WeightPart(cost: 2, after: 0)])
        let plan = planner.plan(problem)
        #expect(plan.weave.description == "B2F2W")
        #expect(plan.makespan == 16)
        #expect(plan.backwardEnd == 7)
    }

    @Test func aCurrentWeaveStaysUntilAnotherGains() throws {
        let problem = try SampleWeaves.experts(set: 3, layers: 2, defersWeights: true)
        let best = planner.plan(problem)
        let plain = try WeaveSimulation(.sequential(problem), of: problem)
        #expect(best.improves(on: plain))
        #expect(planner.plan(problem, improvingOn: plain.weave) == best)
        let gain = 1 - Double(best.makespan) / Double(plain.makespan)
        #expect(planner.plan(problem, improvingOn: plain.weave, byMoreThan: gain * 0.99).weave == best.weave)
        let kept = planner.plan(problem, improvingOn: plain.weave, byMoreThan: gain * 1.01)
        #expect(kept.weave == plain.weave)
        #expect(kept.makespan == plain.makespan)
        #expect(!kept.isOptimal)
        // Equal makespans gain nothing, whatever else differs.
        #expect(planner.plan(problem, improvingOn: best.weave, byMoreThan: 0) == best)
        // One that suits another problem is replaced.
        #expect(planner.plan(problem, improvingOn: try Weave("FB")) == best)
    }
}
