import SchedulePlanning
import Testing

@Suite("Separated exchanges") struct OverlapSeparationTests {
    /// Returns, for each dispatch, whether the backward or a weight gradient computes after the gate and before it.
    private static func separations(_ plan: OverlapPlan, _ problem: OverlapProblem) -> [Bool] {
        var (forward, backward) = (0, 0)
        var computes = false
        var separations: [Bool] = []
        for pass in plan.order {
            switch pass {
            case .forward:
                let name = problem.forward.segments[forward].name
                if name == "attention" { computes = false }
                if name == "dispatch" { separations.append(computes) }
                forward += 1
            case .backward:
                let segment = problem.backward.segments[backward]
                computes = computes || segment.resource == .compute && segment.name != "counts"
                backward += 1
            case .weights: computes = true
            }
        }
        return separations
    }

    @Test("Every dispatch follows a computation of the other micro-batch", arguments: 0..<30)
    func separated(seed: Int) throws {
        let problem = try SampleOverlapProblems.experts(
            seed: seed, layers: 1 + seed % 4, communicationShare: 0.1 + 0.02 * Double(seed),
            defersWeights: seed.isMultiple(of: 2))
        let plans = [
            OverlapPlan.sequential(problem), .alternating(problem), OverlapPlanner().plan(problem).plan,
        ]
        for plan in plans {
            let separated = plan.separatingExchanges(of: problem)
            try problem.check(separated)
            #expect(Self.separations(separated, problem).allSatisfy { $0 }, "\(separated)")
            #expect(separated.separatingExchanges(of: problem) == separated)
        }
        // Without the rule, dispatches follow their counts at once.
        #expect(!Self.separations(.sequential(problem), problem).contains(true))
    }

    @Test("A plan with nothing else to compute stays as it is") func alone() throws {
        let problem = try SampleOverlapProblems.experts(
            seed: 1, layers: 2, communicationShare: 0.3, defersWeights: true)
        let forward = try OverlapProblem(forward: problem.forward)
        let plan = OverlapPlan.sequential(forward)
        #expect(plan.separatingExchanges(of: forward) == plan)
        // One computation serves one dispatch.
        let single = try OverlapProblem(
            forward: problem.forward, backward: SegmentSequence([.compute("merge", cost: 5)]))
        let separated = OverlapPlan.sequential(single).separatingExchanges(of: single)
        #expect(Self.separations(separated, single) == [true, false])
    }
}
