import SchedulePlanning
import Testing
import Timelines

@Suite("Simulation of overlap plans") struct OverlapSimulationTests {
    /// Attention, dispatch and experts; the backward of experts, an exchange and attention; one weight gradient.
    private let problem: OverlapProblem

    init() throws {
        problem = try OverlapProblem(
            forward: SegmentSequence([
                .compute("attention", cost: 10), .exchange("dispatch", cost: 20, startCost: 1),
                .compute("experts", cost: 5, reads: [1]),
            ]),
            backward: SegmentSequence([
                .compute("experts", cost: 8), .exchange("gradient", cost: 12),
                .compute("attention", cost: 7, reads: [1]),
            ]),
            weights: [WeightSegment("weights", cost: 4, after: 0)])
    }

    @Test("The times of a small plan are those computed by hand")
    func timesAreThoseOfTheModel() throws {
        // F 0-10, then the start of dispatch 10-11. B 11-19; its exchange queues behind the dispatch. W 19-23.
        let simulation = try OverlapSimulation(OverlapPlan("F2B2WFB"), of: problem)
        #expect(simulation.starts == [0, 10, 11, 19, 19, 31, 43])
        #expect(simulation.exchanges.map(\.interval) == [11..<31, 31..<43])
        #expect(simulation.waits.map(\.interval) == [23..<31, 36..<43])
        #expect(simulation.exchanges.map(\.exposed) == [8, 7])
        #expect(simulation.forwardEnd == 36)
        #expect(simulation.backwardEnd == 50)
        #expect(simulation.makespan == 50)
        #expect(simulation.busy == 35)
        #expect(simulation.exposed == 15)
        #expect(simulation.communication == 32)
        #expect(simulation.weightDelay == 0)
        let hidden = try #require(simulation.hiddenShare)
        #expect(abs(hidden - 17.0 / 32) < 1e-12)
    }

    @Test("The timeline has lanes for compute, communication and waits")
    func timelineHasThreeLanes() throws {
        let timeline = try OverlapSimulation(OverlapPlan("F2B2WFB"), of: problem).timeline(rank: 3, origin: 100)
        #expect(
            timeline.lanes == ["compute", "communication", "waits"].map { TimelineLane(rank: 3, name: $0) })
        let spans = timeline.spans.map { span in
            let event = timeline.event(of: span)
            return "\(timeline.lanes[Int(span.lane)].name) \(event.name) \(event.activity.name) \(span.interval)"
        }
        #expect(
            spans == [
                "compute attention F compute 100..<110", "compute start of dispatch F compute 110..<111",
                "compute experts B compute 111..<119", "compute weights W compute 119..<123",
                "compute experts F compute 131..<136", "compute attention B compute 143..<150",
                "communication dispatch F communication 111..<131", "communication gradient B communication 131..<143",
                "waits dispatch F wait 123..<131", "waits gradient B wait 136..<143",
            ])
        let overlap = ClassTimes(timeline, rank: 3).breakdown
        #expect(overlap.compute == 35)
        #expect(overlap.communication == 32)
        #expect(overlap.exposed == 15)
    }

    @Test("An exchange that the result reads is awaited at the end; an unread one is not")
    func anExchangeThatTheResultReadsIsAwaitedAtTheEnd() throws {
        let segments: [PassSegment] = [.compute(cost: 1), .exchange(cost: 10)]
        let lone = try OverlapProblem(
            forward: SegmentSequence(segments, resultReads: [1]), weights: [WeightSegment(cost: 4, after: nil)])
        let awaited = try OverlapSimulation(OverlapPlan("F2W"), of: lone)
        #expect(awaited.forwardEnd == 11)
        #expect(awaited.makespan == 11)
        #expect(awaited.exposed == 6)
        #expect(awaited.backwardEnd == 0)
        let unread = try OverlapSimulation(
            OverlapPlan("F2W"), of: OverlapProblem(forward: SegmentSequence(segments), weights: lone.weights))
        #expect(unread.forwardEnd == 1)
        #expect(unread.makespan == 5)
        #expect(unread.hiddenShare == 1)
    }

    @Test("An empty problem takes no time and has no hidden share")
    func emptyProblemTakesNoTime() throws {
        let simulation = try OverlapSimulation(OverlapPlan([]), of: OverlapProblem())
        #expect(simulation.makespan == 0)
        #expect(simulation.hiddenShare == nil)
    }

    @Test("Random plans have the times of the reference")
    func randomPlansHaveTheTimesOfTheReference() throws {
        for seed in 0..<600 {
            let problem = try SampleOverlapProblems.anything(seed: seed, segments: 8, weights: 5)
            let plan = SampleOverlapProblems.anyPlan(of: problem, seed: seed)
            let simulation = try OverlapSimulation(plan, of: problem)
            let reference = ReferenceOverlapTimes(plan, of: problem)
            #expect(simulation.makespan == reference.makespan, "seed \(seed)")
            #expect(simulation.forwardEnd == reference.forwardEnd, "seed \(seed)")
            #expect(simulation.backwardEnd == reference.backwardEnd, "seed \(seed)")
            #expect(simulation.busy == reference.busy, "seed \(seed)")
            #expect(simulation.makespan >= OverlapBound(problem).time, "seed \(seed)")
            let waited = simulation.waits.reduce(0) { $0 + Int64($1.interval.count) }
            #expect(simulation.exposed == waited, "seed \(seed)")
            #expect(simulation.exposed <= simulation.communication, "seed \(seed)")
        }
    }
}
