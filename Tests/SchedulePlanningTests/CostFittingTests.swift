import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite struct CostFittingTests {
    @Test(arguments: [BuiltInSchedule.zeroBubble, .zeroBubbleV, .dualPipeV, .dualPipe])
    func simulatedTimelinesGiveTheirCostsBack(kind: BuiltInSchedule) throws {
        let schedule = try kind.build(ranks: 4, microbatches: 12)
        var stages: [StageCosts] = []
        for stage in 0..<schedule.stageCount {
            let more = Int64(5 * stage)
            stages.append(
                StageCosts(forward: 1000 + 2 * more, inputGradient: 1500 + 4 * more, weightGradient: 700 + more))
        }
        let costs = PipelineCosts(stages: stages, overlapSaving: 0.3, transfer: 120)
        let timeline = try Simulation(schedule, costs: costs).timeline
        let fitted = try PipelineCosts(fitting: timeline, chains: schedule.chains)
        for stage in stages.indices {
            let (known, found) = (costs.stage(stage), fitted.stage(stage))
            let forward: Int64 = abs(known.forward - found.forward)
            let backward: Int64 = abs(known.backward - found.backward)
            let difference = forward + backward
            #expect(difference <= 150, "\(stage): \(found)")
        }
        #expect(abs(fitted.transfer - 120) <= 1)
        let hasPairs = schedule.rows.contains { $0.contains(where: \.isOverlapped) }
        let saving: Double = hasPairs ? 0.3 : 0
        #expect(abs(fitted.overlapSaving - saving) < 0.03)
    }

    /// A forward that was woven with a lone W is no overlapped pair.
    @Test func weightGradientsThatFillAreNoPairs() throws {
        let chains = try BuiltInSchedule.zeroBubble.build(ranks: 1, microbatches: 2).chains
        var timeline = Timeline()
        func append(_ kind: ActionKind, _ microbatch: Int, _ interval: Range<Int64>) {
            let label = TimelineLabel(
                name: "", activity: .compute, stage: 0, microbatch: microbatch, kind: Int(kind.rawValue))
            timeline.append(
                start: interval.lowerBound, duration: Int64(interval.count),
                lane: TimelineLane(rank: 0, name: "actions"), label: label)
        }
        append(.forward, 0, 0..<10)
        append(.inputGradient, 0, 10..<20)
        append(.forward, 1, 20..<32)
        append(.weightGradient, 0, 20..<32)
        #expect(try PipelineCosts(fitting: timeline, chains: chains).overlapSaving == 0)
    }

    @Test func aTimelineWithoutWhatIsNeededIsRefused() throws {
        let chains = try BuiltInSchedule.gpipe.build(ranks: 2, microbatches: 2).chains
        let error = #expect(throws: CostFitError.self) { try PipelineCosts(fitting: Timeline(), chains: chains) }
        #expect(error?.description.contains("forward") == true)
    }
}
