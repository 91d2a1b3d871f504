import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite("Simulations") struct SimulationTests {
    private func makespan(_ schedule: BuiltInSchedule, ranks: Int, microbatches: Int) throws -> Int64 {
        try Simulation(try schedule.build(ranks: ranks, microbatches: microbatches), costs: .unit()).makespan
    }

    /// The published bubbles at F = I = W = 1 without transfers. Each rank computes 3 per micro-batch.
    @Test("Makespans at F = I = W = 1 are those of the published formulas", arguments: [2, 4, 8, 16, 32])
    func makespansAreThePublishedOnes(ranks: Int) throws {
        for microbatches in [2 * ranks, 3 * ranks, 8 * ranks] {
            let (p, m) = (Int64(ranks), Int64(microbatches))
            #expect(try makespan(.gpipe, ranks: ranks, microbatches: microbatches) == 3 * m + 3 * (p - 1))
            #expect(
                try makespan(.oneForwardOneBackward, ranks: ranks, microbatches: microbatches) == 3 * m + 3 * (p - 1))
            #expect(try makespan(.zeroBubble, ranks: ranks, microbatches: microbatches) == 3 * m + p - 1)
            // (P/2-1)(F&B + B - 3W), with F&B = 3, B = 2 and W = 1.
            #expect(try makespan(.dualPipe, ranks: ranks, microbatches: microbatches) == 3 * m + 2 * (p / 2 - 1))
            #expect(try makespan(.dualPipeV, ranks: ranks / 2, microbatches: microbatches) == 6 * m + 2 * (p / 2 - 1))
            #expect(try makespan(.dualPipeV, ranks: ranks, microbatches: microbatches) == 6 * m + 2 * (p - 1))
        }
    }

    /// The tables take several megabytes and lie on large pages if the system has them.
    @Test("A simulation of 256 ranks has the makespan of the published formula")
    func manyRanksTakeThePublishedTime() throws {
        #expect(try makespan(.dualPipe, ranks: 256, microbatches: 2048) == 3 * 2048 + 2 * 127)
    }

    /// The figures of public implementations at 8 ranks, 64 micro-batches and F = I = W = 1, with two stages per rank.
    @Test("V schedules at 8 ranks have the makespans of public implementations")
    func controllableMemoryTakesThePublishedTime() throws {
        #expect(try makespan(.zeroBubbleV, ranks: 8, microbatches: 64) == 391)
        #expect(try makespan(.vHalf, ranks: 8, microbatches: 64) == 401)
        #expect(try makespan(.vMin, ranks: 8, microbatches: 64) == 411)
        #expect(try makespan(.dualPipeV, ranks: 8, microbatches: 64) == 398)
        #expect(try makespan(.interleaved, ranks: 8, microbatches: 64) == 405)
    }

    /// The bubble is (P-2) of 2M+P-2 parts if F = B.
    @Test("Chimera's bubble is that of the published formula", arguments: [2, 4, 6, 8])
    func chimerasBubbleIsThePublishedOne(ranks: Int) throws {
        let costs = PipelineCosts(uniform: StageCosts(forward: 2, inputGradient: 1, weightGradient: 1))
        for factor in 1...4 {
            let schedule = try BuiltInSchedule.chimera.build(ranks: ranks, microbatches: factor * ranks)
            let expected = 2 * (2 * factor * ranks + ranks - 2)
            #expect(try Simulation(schedule, costs: costs).makespan == Int64(expected), "\(ranks) \(factor)")
        }
    }

    @Test("At 8 ranks and 20 micro-batches, DualPipe takes 66 and 1F1B 81")
    func dualPipeAgainst1F1B() throws {
        #expect(try makespan(.dualPipe, ranks: 8, microbatches: 20) == 66)
        #expect(try makespan(.oneForwardOneBackward, ranks: 8, microbatches: 20) == 81)
    }

    @Test("Transfers delay dependent steps, and savings shorten overlapped pairs")
    func transfersAndSavingsCount() throws {
        let schedule = try Schedule(csv: Array("0F0,0B0\n1F0,1B0\n".utf8))
        let costs = PipelineCosts(
            stages: [
                StageCosts(forward: 10, inputGradient: 7, weightGradient: 5),
                StageCosts(forward: 20, inputGradient: 3, weightGradient: 2),
            ], transfer: 4)
        let simulation = try Simulation(schedule, costs: costs)
        #expect(simulation.starts == [[0, 43], [14, 34]])
        #expect(simulation.makespan == 55)
        #expect(simulation.busy(ofRank: 0) == 22)

        let pairs = try BuiltInSchedule.dualPipe.build(ranks: 4, microbatches: 12)
        let plain = try Simulation(pairs, costs: .unit(100)).makespan
        let saving = try Simulation(
            pairs,
            costs: PipelineCosts(
                uniform: StageCosts(forward: 100, inputGradient: 100, weightGradient: 100), overlapSaving: 0.3)
        ).makespan
        #expect(saving < plain)
    }

    @Test("A schedule with a deadlock is refused with the ranks that wait for each other")
    func deadlocksAreRefused() throws {
        let schedule = try Schedule(csv: Array("0F0,0B0,0F1,0B1\n1F1,1F0,1B0,1B1\n".utf8))
        let error = try #require(throws: ScheduleError.self) { try Simulation(schedule, costs: .unit()) }
        guard case .circularWait(let waits) = error.reason else { throw error }
        #expect(waits.map(\.rank).sorted() == [0, 1], "\(error)")
    }

    @Test("The timeline has every action and each rank's busy time")
    func theTimelineHasEveryAction() throws {
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 4, microbatches: 10)
        let simulation = try Simulation(schedule, costs: .unit(10))
        let timeline = simulation.timeline
        #expect(timeline.spans.count == schedule.actionCount)
        #expect(timeline.extent == 0..<simulation.makespan)
        for rank in 0..<4 {
            #expect(ClassTimes(timeline, rank: rank).compute.length == simulation.busy(ofRank: rank))
        }
    }
}
