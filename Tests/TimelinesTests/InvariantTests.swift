import Foundation
import PipelineActions
import TestSupport
import Testing
import Timelines

@Suite("Invariants of timelines and interval sets") struct InvariantTests {
    @Test(
        "Random interval sets, and what is computed from them, keep the invariants", arguments: 0..<20 as Range<UInt64>)
    func randomSets(seed: UInt64) {
        var generator = SeededGenerator(seed)
        func set() -> IntervalSet {
            let count = Int.random(in: 0...30, using: &generator)
            return IntervalSet(
                (0..<count).map { _ in
                    let start = Int64.random(in: -50...50, using: &generator)
                    return start..<start + Int64.random(in: 0...8, using: &generator)
                })
        }
        for _ in 0..<50 {
            let (left, right) = (set(), set())
            let window = Int64.random(in: -60...0, using: &generator)..<Int64.random(in: 0...60, using: &generator)
            for set in [
                left, left.union(right), left.intersection(right), left.subtracting(right), left.clipped(to: window),
                left.gaps(in: window),
            ] {
                #expect(IntervalSet.brokenInvariant(of: set.intervals) == nil)
                set._checkInvariants()
            }
        }
    }

    @Test("Intervals that break an invariant of sets are named")
    func brokenSets() {
        #expect(IntervalSet.brokenInvariant(of: [0..<2, 3..<4]) == nil)
        #expect(IntervalSet.brokenInvariant(of: [0..<2, 3..<3]) == "interval 1, 3..<3, is empty")
        let touching = "interval 1, 2..<4, does not start after the end of 0..<2"
        #expect(IntervalSet.brokenInvariant(of: [0..<2, 2..<4]) == touching)
        let disordered = "interval 1, 0..<2, does not start after the end of 3..<4"
        #expect(IntervalSet.brokenInvariant(of: [3..<4, 0..<2]) == disordered)
    }

    @Test(
        "Random timelines keep the invariants, joined, renamed and decoded as well", arguments: 0..<20 as Range<UInt64>)
    func randomTimelines(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        func timeline() -> Timeline {
            var timeline = Timeline()
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                timeline.append(
                    start: Int64.random(in: 0...1000, using: &generator),
                    duration: Int64.random(in: 0...50, using: &generator),
                    lane: TimelineLane(rank: Int.random(in: 0...3, using: &generator), name: "lane"),
                    event: .kernel("\(Int.random(in: 0...5, using: &generator))", .compute))
            }
            return timeline
        }
        for _ in 0..<10 {
            var joined = timeline()
            joined._checkInvariants()
            joined.append(contentsOf: timeline(), offset: Int64.random(in: -100...100, using: &generator))
            joined._checkInvariants()
            joined.renameLanes { TimelineLane(rank: $0.rank + 1, name: $0.name) }
            joined._checkInvariants()
            try JSONDecoder().decode(Timeline.self, from: JSONEncoder().encode(joined))._checkInvariants()
            joined.removeAllSpans()
            joined._checkInvariants()
        }
    }

    @Test("Spans and indices that break an invariant of timelines are named")
    func brokenTimelines() {
        func broken(_ span: TimeSpan) -> String? {
            let valid = TimeSpan(start: 0, duration: 0, lane: 0, event: 1)
            return Timeline.brokenInvariant(of: [valid, span], laneCount: 1, eventCount: 2)
        }
        #expect(broken(TimeSpan(start: 5, duration: 1, lane: 0, event: 0)) == nil)
        let lane = TimeSpan(start: 5, duration: 1, lane: 1, event: 0)
        #expect(broken(lane) == "span 1 has lane 1, which does not exist")
        let event = TimeSpan(start: 5, duration: 1, lane: 0, event: -1)
        #expect(broken(event) == "span 1 has event -1, which does not exist")
        let duration = TimeSpan(start: 5, duration: -1, lane: 0, event: 0)
        #expect(broken(duration) == "span 1 has the negative duration -1")

        func broken(_ values: [String], _ indices: [String: Int32]) -> String? {
            Timeline.brokenInvariant(of: values, indices, named: "lane")
        }
        #expect(broken(["a", "b"], ["a": 0, "b": 1]) == nil)
        #expect(broken(["a", "b"], ["a": 0]) == "lane 1 has no entry in the table of indices")
        #expect(broken(["a", "a"], ["a": 0]) == "lane 1 has index 0 in the table of indices")
        let extra = "the table of indices has a lane that the timeline does not have"
        #expect(broken(["a"], ["a": 0, "b": 1]) == extra)
    }

    @Test("A file of a timeline with an invalid span, or with lists of different lengths, is refused")
    func invalidSpansAreRefused() throws {
        func decode(_ spans: String, ranks: String = "0", lanes: String = "\"a\"") throws -> Timeline {
            let event = String(decoding: try JSONEncoder().encode(TimelineEvent.gradientReduction), as: UTF8.self)
            let json = #"{"ranks":[\#(ranks)],"lanes":[\#(lanes)],"events":[\#(event)],"spans":[\#(spans)]}"#
            return try JSONDecoder().decode(Timeline.self, from: Data(json.utf8))
        }
        #expect(try decode("3,4,0,0").spans.count == 1)
        #expect(try decode("\(Int64.max - 4),4,0,0,\(Int64.min),4,0,0").spans.map(\.end) == [.max, .min + 4])
        for spans in [
            "3,-4,0,0", "3,4,1,0", "3,4,0,1", "3,4,-1,0", "\(Int64.max - 4),5,0,0", "3", "3,4", "3,4,0", "3,4,0,0,3",
        ] {
            #expect(throws: DecodingError.self, "\(spans)") { try decode(spans) }
        }
        for (ranks, lanes) in [("", "\"a\""), ("0,1", "\"a\""), ("0", ""), ("0", "\"a\",\"b\"")] {
            #expect(throws: DecodingError.self, "\(ranks); \(lanes)") {
                try decode("3,4,0,0", ranks: ranks, lanes: lanes)
            }
        }
    }
}
