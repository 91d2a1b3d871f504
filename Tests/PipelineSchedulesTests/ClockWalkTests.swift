import PipelineSchedules
import Testing

@Suite("Clock walk") struct ClockWalkTests {
    private let layout = StageLayout([Chain(stages: 0..<3, ranks: [0, 1, 2], microbatchCount: 2)])

    @Test("Ranks act in the order of their times, and ranks with the same time in ascending order")
    func ranksActInTheOrderOfTheirTimes() {
        var walk = ClockWalk(layout, rankCount: 3)
        for rank in 0..<3 { #expect(walk.next()?.rank == rank) }
        #expect(walk.next() == nil)
        walk.occupy(2, until: 5)
        walk.occupy(0, until: 7)
        walk.occupy(1, until: 5)
        var visits: [String] = []
        while let (rank, time) = walk.next() { visits.append("\(rank)@\(time)") }
        #expect(visits == ["1@5", "2@5", "0@7"])
    }

    @Test(
        "A result arrives after its delay, and wakes its consumer when it is sent or when it arrives",
        arguments: [(true, 3), (false, 7)])
    func aResultArrivesAfterItsDelayAndWakesItsConsumer(wakesAtSend: Bool, wakeUp: Int64) {
        var walk = ClockWalk(layout, rankCount: 3, wakesAtSend: wakesAtSend) { _, _ in 4 }
        while walk.next() != nil {}
        #expect(walk.arrival(.forward, stage: 0, microbatch: 1) == 0)
        #expect(walk.arrival(.forward, stage: 1, microbatch: 1) == .max)
        walk.finish(Action(.forward, stage: 0, microbatch: 1), at: 3)
        #expect(walk.arrival(.forward, stage: 1, microbatch: 1) == 7)
        #expect(walk.arrival(Step(Action(.forward, stage: 1, microbatch: 0))) == .max)
        let next = walk.next()
        #expect(next?.rank == 1 && next?.time == wakeUp)
        walk.finish(Action(.inputGradient, stage: 1, microbatch: 0), at: 9)
        #expect(walk.arrival(.backward, stage: 0, microbatch: 0) == 13)
        walk.reset()
        #expect(walk.arrival(.backward, stage: 0, microbatch: 0) == .max && walk.next()?.rank == 0)
    }

    @Test("A woken rank acts before the higher ranks that have not yet acted at the same time")
    func aWokenRankGoesBeforeHigherRanks() {
        var walk = ClockWalk(layout, rankCount: 3)
        #expect(walk.next()?.rank == 0)
        #expect(walk.next()?.rank == 1)
        walk.finish(Action(.inputGradient, stage: 1, microbatch: 0), at: 0)
        #expect(walk.next()?.rank == 0)
        #expect(walk.next()?.rank == 2)
    }
}
