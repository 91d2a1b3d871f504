import PipelineSchedules
import ProfilerTraces
import SchedulePlanning
import TestSupport
import Testing
import Timelines

/// Pipelines with known costs on clocks with known offsets.
@Suite("Pipeline analysis") struct PipelineAnalysisTests {
    private static let schedules: [BuiltInSchedule] = [
        .oneForwardOneBackward, .dualPipe, .dualPipeV, .zeroBubble, .interleaved, .chimera,
    ]

    private func simulation(_ schedule: BuiltInSchedule, transfer: Int64 = 0) throws -> Simulation {
        let costs = PipelineCosts(
            uniform: StageCosts(forward: 3_100_000, inputGradient: 2_900_000, weightGradient: 1_700_000),
            overlapSaving: 0.2, transfer: transfer)
        return try Simulation(schedule.build(ranks: 4, microbatches: 12), costs: costs)
    }

    /// Returns the timeline with each rank's clock ahead by its offset.
    private func moved(_ timeline: Timeline, by offsets: [Int64]) -> Timeline {
        var moved = Timeline()
        for span in timeline.spans {
            let lane = timeline.lanes[Int(span.lane)]
            moved.append(
                start: span.start + offsets[lane.rank], duration: span.duration, lane: lane,
                event: timeline.event(of: span))
        }
        return moved
    }

    @Test("Bubbles equal those of the simulation", arguments: schedules, [0, 250_000])
    func bubblesEqualThoseOfTheSimulation(schedule: BuiltInSchedule, transfer: Int) throws {
        let simulated = try simulation(schedule, transfer: Int64(transfer))
        let run = RunAnalysis(RankTrace.ranks(of: simulated.timeline))
        let pipeline = try #require(run.pipeline)
        #expect(pipeline.source == .actions && pipeline.length == simulated.makespan)
        #expect(pipeline.ranks.count == 4)
        for rank in pipeline.ranks {
            #expect(rank.total.total == simulated.bubble(ofRank: rank.rank).total)
            #expect(rank.lengths.reduce(0, +) == simulated.makespan)
            // The rest of the window is the rank's work.
            let busy = run.ranks[rank.rank].breakdown.busy
            #expect(rank.total.total + busy == simulated.makespan)
        }
        if transfer == 0 {
            #expect(pipeline.total.transfer == 0)
        } else {
            #expect(pipeline.total.transfer > 0)
            // A gap has at most one transfer at its end.
            let gaps = pipeline.ranks.reduce(0) { $0 + $1.transfer.intervals.count }
            #expect(pipeline.total.transfer <= Int64(transfer * gaps))
        }
        #expect(pipeline.total.other == 0)
        #expect(run.clocks.allSatisfy { $0.offset == 0 })
    }

    /// The bubble of 1F1B is (P-1)(F+B). Rank r waits at least r forwards in its warm-up and r backwards in its drain.
    @Test("The phases of 1F1B have the bubbles of its formula") func phasesOfOneForwardOneBackward() throws {
        let run = RunAnalysis(RankTrace.ranks(of: try simulation(.oneForwardOneBackward).timeline))
        let pipeline = try #require(run.pipeline)
        let (forward, backward): (Int64, Int64) = (3_100_000, 4_600_000)
        for rank in pipeline.ranks {
            let index = Int64(rank.rank)
            let bubble = rank.total.total
            #expect(bubble == 3 * (forward + backward))
            #expect(rank.bubbles[PipelinePhase.warmUp.rawValue].total >= index * forward)
            #expect(rank.bubbles[PipelinePhase.drain.rawValue].total >= index * backward)
        }
        // The last rank starts each backward right after its forward, so it never waits in the steady phase.
        let last = try #require(pipeline.ranks.last)
        #expect(last.bubbles.map(\.total) == [3 * forward, 0, 3 * backward])
        let share = try #require(pipeline.bubbleShare)
        let expected: Double = 3.0 / 15.0
        #expect(abs(share - expected) < 1e-12)
    }

    @Test("Clock offsets are estimated from pipeline messages", arguments: schedules)
    func clockOffsetsAreEstimated(schedule: BuiltInSchedule) throws {
        let simulated = try simulation(schedule, transfer: 40_000)
        let offsets: [Int64] = [0, 812_345_678, -5_777_001, 3_600_000_000_123]
        let run = RunAnalysis(RankTrace.ranks(of: moved(simulated.timeline, by: offsets)))
        #expect(run.clocks.count == 4 && run.pipeline?.ranks.count == 4)
        for (clock, offset) in zip(run.clocks, offsets) {
            #expect(abs(clock.offset - offset) < 1000)
            #expect(clock.uncertainty.map { $0 <= 200_000 } ?? (offset == 0))
        }
        let pipeline = try #require(run.pipeline)
        #expect(abs(pipeline.length - simulated.makespan) < 1000)
        for rank in pipeline.ranks {
            let bubble = Double(simulated.bubble(ofRank: rank.rank).total)
            #expect(abs(Double(rank.total.total) - bubble) <= 0.001 * bubble)
        }
    }

    // MARK: Kernels that send and receive

    /// The traces of 1F1B with NCCL kernels. A receive runs from the time its rank is free until its message has
    /// arrived.
    private func traces(_ simulated: Simulation, transfer: Int64, offsets: [Int64]) throws -> [RankTrace] {
        struct Pass: Hashable {
            var stage: Int
            var microbatch: Int
            var isForward: Bool
        }
        var ends: [Pass: Int64] = [:]
        let last = simulated.schedule.rows.count - 1
        for (rank, row) in simulated.schedule.rows.enumerated() {
            for (position, step) in row.enumerated() {
                let end =
                    simulated.start(ofRank: rank, position: position)
                    + simulated.duration(ofRank: rank, position: position)
                step.forEachAction {
                    ends[Pass(stage: $0.stage, microbatch: $0.microbatch, isForward: $0.kind == .forward)] = end
                }
            }
        }
        return try simulated.schedule.rows.enumerated().map { rank, row in
            var events: [String] = []
            func add(_ name: String, _ stream: Int, _ start: Int64, _ end: Int64, _ more: String = "") {
                let time = start + offsets[rank]
                events.append(
                    #"{"ph":"X","cat":"kernel","name":"\#(name)","pid":0,"tid":\#(stream),"ts":\#(time / 1000),"#
                        + #""dur":\#((end - start) / 1000),"args":{"device":0,"stream":\#(stream)\#(more)}}"#)
            }
            func message(_ pass: Pass, to peer: Int, from start: Int64, isSend: Bool) {
                let sent = ends[pass] ?? 0
                let name =
                    #","Collective name":"\#(isSend ? "send" : "recv")","\#(isSend ? "Dst" : "Src") Rank":\#(peer)"#
                add(
                    "ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)", 20, min(start, sent), sent + transfer,
                    name)
            }
            var free: Int64 = 0
            for (position, step) in row.enumerated() {
                let start = simulated.start(ofRank: rank, position: position)
                let end = start + simulated.duration(ofRank: rank, position: position)
                step.forEachAction { action in
                    let isForward = action.kind == .forward
                    let source = rank + (isForward ? -1 : 1)
                    let target = rank + (isForward ? 1 : -1)
                    func pass(_ stage: Int) -> Pass {
                        Pass(stage: stage, microbatch: action.microbatch, isForward: isForward)
                    }
                    if (0...last).contains(source) { message(pass(source), to: source, from: free, isSend: false) }
                    if (0...last).contains(target) { message(pass(rank), to: target, from: end, isSend: true) }
                }
                add("gemm", 7, start, end)
                free = end
            }
            let text = #"{"distributedInfo":{"rank":\#(rank)},"traceEvents":["# + events.joined(separator: ",") + "]}"
            return try withTemporaryFile(text) { try RankTrace(path: $0) }
        }
    }

    @Test(
        "Send and receive kernels give the bubbles and clock offsets of the pipeline",
        arguments: [[0, 0, 0, 0], [0, 7_000_000, -123_000, 40_000_000_000]])
    func messagesShowAPipeline(offsets: [Int64]) throws {
        let transfer: Int64 = 250_000
        let simulated = try simulation(.oneForwardOneBackward, transfer: transfer)
        let run = RunAnalysis(try traces(simulated, transfer: transfer, offsets: offsets))
        #expect(run.clocks.map(\.offset) == offsets)
        let pipeline = try #require(run.pipeline)
        let known = try #require(RunAnalysis(RankTrace.ranks(of: simulated.timeline)).pipeline)
        #expect(pipeline.source == .messages && pipeline.length == simulated.makespan)
        #expect(pipeline.ranks.count == 4 && known.ranks.count == 4)
        for (rank, expected) in zip(pipeline.ranks, known.ranks) {
            #expect(rank.total.total == expected.total.total)
            #expect(rank.total.waiting == expected.total.waiting)
            #expect(rank.total.transfer == expected.total.transfer)
            // All messages are between neighbours, so waits and transfers explain the whole bubble.
            #expect(rank.total.other == 0)
        }
        let bubbles = pipeline.ranks.map { $0.bubbles.map(\.total) }
        #expect(bubbles == known.ranks.map { $0.bubbles.map(\.total) })
        #expect(run.collectives.isEmpty)
    }

    @Test("Traces without a pipeline have no pipeline analysis") func tracesWithoutAPipeline() throws {
        let text = #"[{"ph":"X","cat":"kernel","name":"gemm","ts":1,"dur":2,"args":{"stream":7}}]"#
        let trace = try withTemporaryFile(text) { try RankTrace(path: $0) }
        #expect(RunAnalysis([trace]).pipeline == nil)
        #expect(RunAnalysis([]).pipeline == nil)
        #expect(RankTrace.ranks(of: Timeline()).isEmpty)
    }
}
