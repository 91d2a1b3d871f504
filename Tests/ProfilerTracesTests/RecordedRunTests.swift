import Foundation
import PipelineActions
import ProfilerTraces
import TestSupport
import Testing
import Timelines

/// Timelines that training runs record.
@Suite("Timelines of training runs") struct RecordedRunTests {
    private static let lanes = [
        "actions", "segments", "forward exchanges", "backward exchanges", "reductions", "waits for stages",
    ]

    private func times(_ timeline: Timeline, _ rank: Int, _ lanes: String...) -> IntervalSet {
        IntervalSet(
            timeline.spans.filter {
                let lane = timeline.lanes[Int($0.lane)]
                return lane.rank == rank && lanes.contains(lane.name)
            }.map(\.interval))
    }

    /// The fixture is the folder of a small run, whose metrics the run computed itself.
    @Test("The figures of a run's timeline equal the run's own metrics") func figuresEqualMetrics() throws {
        struct Metrics: Decodable {
            let bubble: Double
            let hiddenCommunication: Double
        }
        let metrics = try JSONDecoder().decode(
            Metrics.self, from: Data(contentsOf: URL(filePath: try fixture("run/metrics.jsonl"))))
        let traces = try RankTrace.ranks(path: try fixture("run/timeline.json.gz"))
        #expect(
            traces.map(\.rank) == [0, 1, 2, 3]
                && traces.allSatisfy { !$0.file.isTruncated && $0.file.droppedEvents == 0 })
        let run = RunAnalysis(traces)
        let hidden = try #require(run.total.hiddenShare)
        #expect(abs(hidden - metrics.hiddenCommunication) < 1e-12)
        let pipeline = try #require(run.pipeline)
        #expect(abs(try #require(pipeline.bubbleShare) - metrics.bubble) < 1e-9)
        // Recorded waits are within the bubble, and waiting and transfer cover at least 99 % of them.
        for rank in pipeline.ranks {
            #expect(rank.total.total >= rank.stageWait)
            let explained = rank.total.waiting + rank.total.transfer
            #expect(explained >= rank.stageWait * 99 / 100)
        }
        #expect(
            Set(run.families.map(\.name)) == [
                "dispatch F", "combine F", "dispatch B", "combine B", "gradient reduction",
            ])
        // Exchanges of several families run at the same time.
        #expect(run.families.allSatisfy { $0.exposed <= run.total.exposed })
        #expect(run.families.reduce(0) { $0 + $1.exposed } >= run.total.exposed)
        // Each rank of stage 1 ran one pair; those of stage 0 ran none.
        #expect(run.ranks.map(\.pairs.count) == [0, 0, 1, 1])
        #expect(run.ranks[2].pairs.first?.name == "1F1 with 1B0")
        #expect((run.ranks[2].pairs.first?.breakdown.overlap ?? 0) > 0)
        #expect(run.clocks.allSatisfy { $0.offset == 0 })
        // Each exchange is between the two ranks of one stage.
        #expect(!run.collectives.isEmpty && pipeline.ranks.count == 4)
        #expect(run.collectives.allSatisfy { $0.starts.count { $0 != nil } == 2 })
    }

    @Test("A timeline written as Chrome-trace JSON is read back with the same figures")
    func writtenTimelinesAreReadBack() throws {
        var generator = SeededGenerator(3)
        for _ in 0..<20 {
            var timeline = Timeline()
            for index in 0..<60 {
                let rank = Int.random(in: 0..<3, using: &generator)
                let lane = Int.random(in: 0..<6, using: &generator)
                let event: TimelineEvent = [
                    .action(Action(.forward, stage: 0, microbatch: index)),
                    .segment(SegmentEvent("mlp", .forward, stage: 0, microbatch: index)),
                    .exchange(SegmentEvent("dispatch", .forward, stage: 0, microbatch: index), .dispatch),
                    .exchange(SegmentEvent("combine", .backward, stage: 0, microbatch: index), .combine),
                    .gradientReduction, .wait(.stage),
                ][lane]
                timeline.append(
                    start: Int64.random(in: 0..<5000, using: &generator),
                    duration: Int64.random(in: 0..<900, using: &generator),
                    lane: TimelineLane(rank: rank, name: Self.lanes[lane]),
                    event: event)
            }
            let read = try withTemporaryFile(timeline.chromeTraceJSON()) { try RankTrace.ranks(path: $0) }
            #expect(try withTemporaryFile(timeline.chromeTraceJSON()) { try RankTrace.timeline(path: $0) } == timeline)
            let kept = RankTrace.ranks(of: timeline)
            #expect(read.map(\.rank) == kept.map(\.rank))
            let (left, right) = (RunAnalysis(read), RunAnalysis(kept))
            #expect(left.pipeline != nil)
            #expect(left.ranks.map(\.breakdown) == right.ranks.map(\.breakdown))
            #expect(left.pipeline == right.pipeline)
            for rank in left.pipeline?.ranks ?? [] {
                #expect(rank.stageWait == times(timeline, rank.rank, "waits for stages").length)
            }
            for (rank, trace) in zip(left.ranks, read) {
                let exchanges = times(
                    timeline, rank.rank, "forward exchanges", "backward exchanges", "reductions")
                let computation = times(timeline, rank.rank, "segments")
                #expect(rank.breakdown.communication == exchanges.length)
                #expect(rank.breakdown.overlap == exchanges.intersection(computation).length)
                #expect(rank.breakdown.compute == computation.length)
                #expect(trace.stageWaits == times(timeline, rank.rank, "waits for stages"))
                #expect(rank.idle.total == rank.breakdown.idle)
            }
        }
    }

    @Test("The bubbles of adjacent windows sum to the bubble of the whole") func adjacentWindows() throws {
        let traces = try RankTrace.ranks(path: try fixture("run/timeline.json.gz"))
        let whole = try #require(RunAnalysis(traces).pipeline)
        let halves = [0..<4_000_000, 4_000_000..<1_000_000_000].compactMap { RunAnalysis(traces, window: $0).pipeline }
        #expect(halves.count == 2 && halves.reduce(0) { $0 + $1.length } == whole.length)
        let sum = halves.reduce(PipelineBubble()) { $0 + $1.total }
        #expect(sum == whole.total)
        let waited = halves.reduce(0) { $0 + $1.ranks.reduce(0) { $0 + $1.stageWait } }
        #expect(waited == whole.ranks.reduce(0) { $0 + $1.stageWait })
    }

    @Test("A marked timeline marks exposed communication and the pipeline's bubbles") func markedTimelines() throws {
        let traces = try RankTrace.ranks(path: try fixture("run/timeline.json.gz"))
        let run = RunAnalysis(traces)
        let marked = run.markedTimeline(traces)
        #expect(run.ranks.count == 4 && run.pipeline?.ranks.count == 4)
        for rank in run.ranks {
            #expect(times(marked, rank.rank, "exposed communication").length == rank.breakdown.exposed)
        }
        let pipeline = try #require(run.pipeline)
        for rank in pipeline.ranks {
            let bubble = rank.total.waiting + rank.total.transfer
            #expect(times(marked, rank.rank, "pipeline bubble").length == bubble)
        }
        // Marks are not work: the marked timeline has the same figures when it is read back.
        let again = RunAnalysis(try withTemporaryFile(marked.chromeTraceJSON()) { try RankTrace.ranks(path: $0) })
        #expect(again.ranks.map(\.breakdown.exposed) == run.ranks.map(\.breakdown.exposed))
        #expect(again.pipeline?.total == run.pipeline?.total)
    }

    @Test("Timelines with unusual events are read") func unusualTimelines() throws {
        let odd = [
            #"[{"ph":"X","cat":"compute","name":"0F0","pid":0,"tid":0,"ts":1,"dur":2,"args":{"stage":0,"microbatch":0}}]"#,
            #"[{"ph":"X","cat":"compute","name":"0F0","pid":-5,"tid":0,"ts":1,"dur":2}]"#,
            #"[{"ph":"X","cat":"wait","name":"0F0","pid":"x","ts":1,"dur":-2,"args":{}}]"#,
            #"[{"ph":"M","name":"thread_name","pid":0,"tid":0,"args":{"name":7}},{"ph":"X","cat":"transfer","name":"","pid":0,"ts":1e9,"dur":2}]"#,
            #"[{"ph":"B","cat":"compute","name":"a","pid":0,"tid":0,"ts":1},{"ph":"E","pid":0,"tid":0,"ts":5}]"#,
            #"[{"ph":"X","cat":"communication","name":"x","pid":3,"tid":99999999999999,"ts":"1.5","dur":"0.001","args":{"stage":-1,"microbatch":99999999999}}]"#,
        ]
        let counts = try odd.map { text in
            try withTemporaryFile(text) { path in
                let run = RunAnalysis(try RankTrace.ranks(path: path))
                #expect(run.ranks.allSatisfy { $0.idle.total == $0.breakdown.idle })
                return run.ranks.count
            }
        }
        #expect(counts == [1, 1, 1, 1, 1, 1])
    }
}
