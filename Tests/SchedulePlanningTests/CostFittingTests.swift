import PipelineSchedules
import SchedulePlanning
import Testing
import Timelines

@Suite("Fitting costs to timelines") struct CostFittingTests {
    @Test(
        "Costs fitted to a simulated timeline are those of the simulation",
        arguments: [BuiltInSchedule.zeroBubble, .zeroBubbleV, .dualPipeV, .dualPipe])
    func simulatedTimelinesReturnTheirCosts(kind: BuiltInSchedule) throws {
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

    @Test("A forward overlapped with a lone weight gradient is not a pair")
    func loneWeightGradientsAreNotPairs() throws {
        let chains = try BuiltInSchedule.zeroBubble.build(ranks: 1, microbatches: 2).chains
        var timeline = Timeline()
        func append(_ kind: ActionKind, _ microbatch: Int, _ interval: Range<Int64>) {
            timeline.append(
                start: interval.lowerBound, duration: Int64(interval.count),
                lane: TimelineLane(rank: 0, name: "actions"),
                event: .action(Action(kind, stage: 0, microbatch: microbatch)))
        }
        append(.forward, 0, 0..<10)
        append(.inputGradient, 0, 10..<20)
        append(.forward, 1, 20..<32)
        append(.weightGradient, 0, 20..<32)
        #expect(try PipelineCosts(fitting: timeline, chains: chains).overlapSaving == 0)
    }

    /// A recorded step of two expert-parallel ranks: its actions, and the segments that they compute.
    private struct Recording {
        var timeline = Timeline()

        mutating func append(_ actions: [Action], _ interval: Range<Int64>, rank: Int = 0) {
            for action in actions { append(.action(action), interval, "actions", rank) }
        }

        mutating func append(
            _ segment: String, _ pass: Pass, _ stage: Int, _ microbatch: Int, _ interval: Range<Int64>, rank: Int = 0
        ) {
            append(
                .segment(SegmentEvent(segment, pass, stage: stage, microbatch: microbatch)), interval, "segments", rank)
        }

        private mutating func append(_ event: TimelineEvent, _ interval: Range<Int64>, _ lane: String, _ rank: Int) {
            timeline.append(
                start: interval.lowerBound, duration: Int64(interval.count), lane: TimelineLane(rank: rank, name: lane),
                event: event)
        }
    }

    /// A forward alone with 4 of waiting, a pair, and a backward alone with 6 of waiting.
    private static let recording = {
        var recording = Recording()
        recording.append([Action(.forward, stage: 0, microbatch: 0)], 0..<14)
        recording.append("attention", .forward, 0, 0, 0..<4)
        recording.append("experts", .forward, 0, 0, 8..<14)
        recording.append(
            [Action(.forward, stage: 0, microbatch: 1), Action(.backward, stage: 0, microbatch: 0)], 14..<44)
        recording.append("attention", .forward, 0, 1, 14..<18)
        recording.append("experts", .backward, 0, 0, 18..<30)
        recording.append("experts", .forward, 0, 1, 30..<36)
        recording.append("experts", .weight, 0, 0, 36..<44)
        recording.append([Action(.backward, stage: 0, microbatch: 1)], 44..<70)
        recording.append("experts", .backward, 0, 1, 44..<56)
        recording.append("experts", .weight, 0, 1, 62..<70)
        // The other expert-parallel rank must not be read.
        recording.append([Action(.forward, stage: 0, microbatch: 0)], 0..<1000, rank: 1)
        recording.append("attention", .forward, 0, 0, 0..<900, rank: 1)
        return recording
    }()

    @Test("Costs are fitted to segments, exposed exchanges and pairs of the first expert-parallel rank")
    func costsAreFittedFromSegmentsOfPairs() throws {
        let chains = try BuiltInSchedule.zeroBubble.build(ranks: 1, microbatches: 2).chains
        let fitted = try PipelineCosts(fitting: Self.recording.timeline, chains: chains, experts: 2)
        #expect(fitted.stage(0) == StageCosts(forward: 14, inputGradient: 18, weightGradient: 8))
        #expect(fitted.overlapSaving == 0.25, "a pair of 30 instead of 40")
    }

    /// If no action runs alone, nothing shows the exposed exchange time.
    @Test("If every action is part of a pair, costs are the segments' compute times")
    func costsAreFittedFromPairsAlone() throws {
        let chains = try BuiltInSchedule.zeroBubble.build(ranks: 1, microbatches: 2).chains
        var recording = Recording()
        recording.append(
            [Action(.forward, stage: 0, microbatch: 1), Action(.backward, stage: 0, microbatch: 0)], 0..<30)
        recording.append("attention", .forward, 0, 1, 0..<10)
        recording.append("attention", .backward, 0, 0, 10..<22)
        recording.append("attention", .weight, 0, 0, 22..<30)
        let fitted = try PipelineCosts(fitting: recording.timeline, chains: chains)
        #expect(fitted.stage(0) == StageCosts(forward: 10, inputGradient: 12, weightGradient: 8))
        #expect(fitted.overlapSaving == 0)
    }

    @Test("A timeline without a forward or without a backward is refused, naming the missing action")
    func incompleteTimelinesAreRefused() throws {
        let chains = try BuiltInSchedule.gpipe.build(ranks: 2, microbatches: 2).chains
        var recording = Recording()
        func missing() throws -> String {
            try #require(throws: CostFitError.self) {
                try PipelineCosts(fitting: recording.timeline, chains: chains)
            }.missing
        }
        #expect(try missing() == "forward (F)")
        recording.append([Action(.forward, stage: 0, microbatch: 0)], 0..<10)
        #expect(try missing() == "backward (B, or I and W)")
    }
}
