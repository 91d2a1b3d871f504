import Foundation
import Testing
import Timelines

@Suite("Timelines") struct TimelineTests {
    private func sample() -> Timeline {
        var timeline = Timeline()
        let compute = TimelineLane(rank: 0, name: "compute")
        let network = TimelineLane(rank: 0, name: "network")
        timeline.append(
            start: 0, duration: 10, lane: compute, event: .kernel("F \"0\"", .compute))
        timeline.append(
            start: 6, duration: 8, lane: network, event: .exchange(SegmentEvent("dispatch", .forward), .dispatch))
        timeline.append(start: 14, duration: 2, lane: compute, event: .wait(.stage))
        timeline.append(
            start: 20, duration: 4, lane: compute, event: .kernel("F \"0\"", .compute))
        return timeline
    }

    @Test("Overlap and idle time are measured by unions of spans")
    func overlapIsMeasuredByUnions() {
        let summary = ClassTimes(sample(), rank: 0).breakdown
        #expect(summary.span == 24)
        #expect(summary.busy == 18)
        #expect(summary.idle == 6)
        #expect(summary.compute == 14)
        #expect(summary.communication == 8)
        #expect(summary.overlap == 4)
        #expect(summary.exposed == 4)
        #expect(summary.hiddenShare == 0.5)
        #expect(ClassTimes(Timeline(), rank: 0).breakdown.hiddenShare == nil)
    }

    @Test("A span is 24 bytes")
    func aSpanIs24Bytes() {
        #expect(MemoryLayout<TimeSpan>.stride == 24)
    }

    @Test("Spans share equal lanes and events")
    func lanesAndEventsAreShared() {
        #expect(sample().lanes.count == 2)
        #expect(sample().events.count == 3)
        #expect(sample().extent == 0..<24)
        #expect(sample().ranks == [0])
    }

    @Test("Appending another timeline moves its spans by the offset")
    func appendingMovesAnotherTimeline() {
        var timeline = sample()
        timeline.append(contentsOf: sample(), offset: 100)
        #expect(timeline.spans.count == 8)
        #expect(timeline.events.count == 3)
        #expect(timeline.spans[4].start == 100)
        #expect(timeline.extent == 0..<124)
    }

    @Test("Lanes are renamed, and keep their indices")
    func lanesAreRenamed() {
        var timeline = Timeline()
        timeline.append(
            start: 0, duration: 1, lane: TimelineLane(rank: 0, name: "a"), event: .kernel("x", .compute))
        timeline.renameLanes { TimelineLane(rank: 5, name: $0.name) }
        #expect(timeline.ranks == [5])
        let lane = timeline.index(of: TimelineLane(rank: 5, name: "a"))
        #expect(lane == 0 && timeline.lanes.count == 1)
    }

    @Test("A Chrome trace keeps every nanosecond and every span")
    func chromeTraceKeepsEveryNanosecond() throws {
        struct Trace: Decodable {
            struct Event: Decodable {
                let ph: String
                let ts: Double?
                let name: String
                let tid: Int?
            }
            let traceEvents: [Event]
        }
        var timeline = sample()
        // A span with the same extent as the first. It needs a row of its own, because viewers drop one of two such
        // spans on one row.
        timeline.append(
            start: 0, duration: 10, lane: TimelineLane(rank: 0, name: "compute"),
            event: .kernel("twin", .compute))
        timeline.append(
            start: 1_234_567_891, duration: 1, lane: TimelineLane(rank: 1, name: "compute"),
            event: .kernel("late", .compute))
        let json = timeline.chromeTraceJSON()
        let trace = try JSONDecoder().decode(Trace.self, from: Data(json.utf8))
        let spans = trace.traceEvents.filter { $0.ph == "X" }
        #expect(spans.count == 6)
        #expect(json.contains(#""ts":1234567.891"#))
        #expect(spans.contains { $0.name == "F \"0\"" })
        #expect(Set(spans.filter { $0.ts == 0 }.compactMap(\.tid)).count == 2)
    }
}
