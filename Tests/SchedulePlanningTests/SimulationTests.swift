import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite struct SimulationTests {
    private func makespan(_ schedule: BuiltInSchedule, ranks: Int, microbatches: Int) throws -> Int64 {
        try Simulation(try schedule.build(ranks: ranks, microbatches: microbatches), costs: .unit()).makespan
    }

    /// Published bubbles at F = I = W = 1 without transfer, where a rank computes 3 a micro-batch.
    @Test(arguments: [2, 4, 8, 16, 32])
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

    /// The same with tables of several megabytes, which lie on large pages where the system has them.
    @Test func manyRanksTakeThePublishedTime() throws {
        #expect(try makespan(.dualPipe, ranks: 256, microbatches: 2048) == 3 * 2048 + 2 * 127)
    }

    /// What public implementations take at 8 ranks, 64 micro-batches and F = I = W = 1, two stages a rank.
    @Test func controllableMemoryTakesThePublishedTime() throws {
        #expect(try makespan(.zeroBubbleV, ranks: 8, microbatches: 64) == 391)
        #expect(try makespan(.vHalf, ranks: 8, microbatches: 64) == 401)
        #expect(try makespan(.vMin, ranks: 8, microbatches: 64) == 411)
        #expect(try makespan(.dualPipeV, ranks: 8, microbatches: 64) == 398)
        #expect(try makespan(.interleaved, ranks: 8, microbatches: 64) == 405)
    }

    /// (P-2) of 2M+P-2 parts where F = B.
    @Test(arguments: [2, 4, 6, 8])
    func chimerasBubbleIsThePublishedOne(ranks: Int) throws {
        let costs = PipelineCosts(uniform: StageCosts(forward: 2, inputGradient: 1, weightGradient: 1))
        for factor in 1...4 {
            let schedule = try BuiltInSchedule.chimera.build(ranks: ranks, microbatches: factor * ranks)
            let expected = 2 * (2 * factor * ranks + ranks - 2)
            #expect(try Simulation(schedule, costs: costs).makespan == Int64(expected), "\(ranks) \(factor)")
        }
    }

    @Test func designsExampleHolds() throws {
        #expect(try makespan(.dualPipe, ranks: 8, microbatches: 20) == 66)
        #expect(try makespan(.oneForwardOneBackward, ranks: 8, microbatches: 20) == 81)
    }

    @Test func transfersAndSavingsCount() throws {
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

    @Test func aDeadlockIsNamed() throws {
        let schedule = try Schedule(csv: Array("0F0,0B0,0F1,0B1\n1F1,1F0,1B0,1B1\n".utf8))
        #expect(throws: ScheduleError.self) { try Simulation(schedule, costs: .unit()) }
    }

    @Test func theTimelineHasEveryAction() throws {
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
