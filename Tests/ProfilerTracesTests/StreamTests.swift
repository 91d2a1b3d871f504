import ProfilerTraces
import TestSupport
import Testing
import Timelines

/// Work that overlaps on one stream, or whose times cannot be its own.
@Suite("Times of device work") struct StreamTests {
    private func analyze(_ events: [String]) throws -> (RankTrace, RankAnalysis) {
        let trace = try #require(try TraceText.read(events).first)
        return (trace, RankAnalysis(trace))
    }

    private func texts(_ trace: RankTrace) -> [String] { trace.notes.map(\.text) }

    @Test("A kernel that lasts over the next one of its stream is clipped there, with a note") func clipping() throws {
        let (trace, analysis) = try analyze([
            TraceText.work("attention", stream: 0, at: "1000", "1600000"),
            TraceText.work(TraceText.gemm, stream: 0, at: "1100", "50"),
            TraceText.work(TraceText.allReduce, stream: 1, at: "1150", "100"),
            TraceText.work(TraceText.gemm, stream: 0, at: "2000", "100"),
        ])
        #expect(analysis.breakdown.busy == 350_000 && analysis.breakdown.span == 1_100_000)
        #expect(analysis.breakdown.exposed == 100_000 && analysis.breakdown.hiddenShare == 0)
        #expect(trace.notes == [TraceNote(.clipped, count: 1, time: 1_599_900_000)])
        #expect(trace.file.droppedEvents == 0)
    }

    @Test("The order of the events in the file does not matter") func orderOfEvents() throws {
        let events = [
            TraceText.work("a", at: "100", "500"), TraceText.work("b", at: "150", "20"),
            TraceText.work("c", at: "150", "30"), TraceText.work("d", at: "400", "10"),
        ]
        var results: Set<[Int64]> = []
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            let (trace, _) = try analyze(order.map { events[$0] })
            let spans = trace.timeline.spans.sorted { ($0.start, $0.event) < ($1.start, $1.event) }
            results.insert(spans.map(\.duration).sorted())
            #expect(trace.notes.map(\.count) == [2])
        }
        #expect(results == [[0, 10_000, 30_000, 50_000]])
    }

    @Test("Overlaps of rounding and of dependent launches are clipped without a note") func shortOverlaps() throws {
        let (trace, analysis) = try analyze([
            TraceText.work(TraceText.gemm, at: "100.000", "20.500"),
            TraceText.work(TraceText.allReduce, at: "115.500", "20"),
            TraceText.work(TraceText.gemm, at: "135.499", "5"),
        ])
        #expect(trace.notes.isEmpty && analysis.breakdown.overlap == 0)
        #expect(trace.timeline.spans.map(\.duration) == [15_500, 19_999, 5000])
    }

    @Test("Kernels of one graph run concurrently on their stream, and end at the next launch") func graphs() throws {
        let (trace, analysis) = try analyze([
            TraceText.call("cudaGraphLaunch", at: "90", number: 1), TraceText.call(at: "95", number: 2),
            TraceText.work(TraceText.gemm, at: "100", "100", number: 1),
            TraceText.work(TraceText.allReduce, at: "120", "200", number: 1),
            TraceText.work(TraceText.gemm, at: "250", "50", number: 2),
        ])
        #expect(analysis.breakdown.overlap == 80_000 && analysis.breakdown.communication == 130_000)
        #expect(trace.notes == [TraceNote(.clipped, count: 1, time: 70_000)])
        // Kernels of calls that launch one kernel do not run concurrently, even if they share a number.
        let (other, _) = try analyze([
            TraceText.call(at: "90", number: 1), TraceText.work(TraceText.gemm, at: "100", "100", number: 1),
            TraceText.work(TraceText.allReduce, at: "120", "100", number: 1),
        ])
        #expect(other.notes.map(\.kind) == [.clipped])
    }

    @Test("No two spans of a stream overlap, and sums never exceed the span") func serialStreams() throws {
        var generator = SeededGenerator(21)
        for _ in 0..<60 {
            let events = (0..<Int.random(in: 1...40, using: &generator)).map { index in
                TraceText.work(
                    "k\(index % 5)", stream: Int.random(in: 1...3, using: &generator),
                    at: String(Int.random(in: 0...300, using: &generator)),
                    String(Int.random(in: 1...60, using: &generator)), number: index)
            }
            let (trace, analysis) = try analyze(events)
            for lane in trace.timeline.lanes.indices {
                let spans = trace.timeline.spans.filter { Int($0.lane) == lane }.sorted {
                    ($0.start, $0.end) < ($1.start, $1.end)
                }
                #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.end <= $1.start })
                #expect(spans.reduce(0) { $0 + $1.duration } <= analysis.breakdown.span)
            }
            #expect(trace.timeline.spans.count == events.count)
        }
    }

    @Test(
        "A start of 0 that is not the kernel's own is left out, with a note",
        arguments: [
            ("0", "0", "1615207264505100"), ("0", "50", "1615207264505100"), ("0", "50", "4458676522690.655"),
            ("0", "10", "1000"), ("-1615207264505000", "10", "1000"),
        ])
    func startsAtZero(_ time: String, _ duration: String, _ other: String) throws {
        let (trace, analysis) = try analyze([
            TraceText.call(at: "990", number: 1), TraceText.work(TraceText.gemm, at: time, duration, number: 1),
            TraceText.work(TraceText.gemm, at: other, "50", number: 2),
        ])
        #expect(analysis.breakdown.span == 50_000 && trace.file.droppedEvents == 1)
        #expect(texts(trace) == ["1 device event without a valid time was left out"])
        #expect(trace.launchOfSpan.count == 1)
    }

    @Test("A trace may begin at 0") func traceFromZero() throws {
        let (trace, analysis) = try analyze([
            TraceText.work(TraceText.gemm, at: "0", "10"), TraceText.work(TraceText.gemm, at: "1000", "10"),
        ])
        #expect(trace.notes.isEmpty && analysis.breakdown.span == 1_010_000)
    }

    @Test("Kernels without a duration are left out and counted") func emptyKernels() throws {
        let (trace, analysis) = try analyze(
            (0..<3).map { TraceText.work(TraceText.gemm, at: String(100 + 10 * $0), $0 == 1 ? "0" : "5") })
        #expect(texts(trace) == ["1 device event with a duration of 0 was left out"])
        #expect(analysis.kernels.map(\.count) == [2] && trace.file.droppedEvents == 1)
    }

    @Test(
        "Durations that no kernel has are left out",
        arguments: ["NaN", "-5", "1e18", "86400000001", "null", "Infinity"])
    func impossibleDurations(_ duration: String) throws {
        let (trace, analysis) = try analyze([
            TraceText.work(TraceText.gemm, at: "100", duration), TraceText.work(TraceText.gemm, at: "200", "5"),
        ])
        #expect(analysis.breakdown.span == 5000 && trace.file.droppedEvents == 1)
    }
}
