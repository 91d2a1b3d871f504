import Foundation
import PipelineActions
import Testing
import Timelines

@Suite("Timeline events") struct TimelineEventTests {
    private static let events: [TimelineEvent] = {
        let actions = ActionKind.allCases.map { TimelineEvent.action(Action($0, stage: 3)) }
        let segments = Pass.allCases.flatMap { pass in
            [SegmentEvent("a \"b\" F", pass), SegmentEvent("", pass, stage: 0, microbatch: 7)]
        }
        let exchanges = segments.flatMap { segment in
            (ExchangeKind.allCases.map(Optional.some) + [nil]).flatMap { kind in
                [TimelineEvent.exchange(segment, kind), .wait(.exchange(segment, kind))]
            }
        }
        return actions + segments.map(TimelineEvent.segment) + exchanges
            + [.gradientReduction, .wait(.stage), .wait(.gradientReduction)]
            + ActivityClass.allCases.map { .kernel("0F4", $0) }
    }()

    @Test("An event reads back from the fields of a Chrome trace", arguments: events)
    func fieldsReadBack(event: TimelineEvent) {
        let texts = event.chromeTraceArguments.map { key, json -> (key: String, text: String) in
            let isText = json.hasPrefix("\"")
            return (key, isText ? (try? JSONDecoder().decode(String.self, from: Data(json.utf8))) ?? "" : json)
        }
        let read = TimelineEvent(name: event.name, activity: event.activity, chromeTraceArguments: texts)
        #expect(read == event)
    }

    @Test("A timeline decodes to an equal one")
    func timelinesDecode() throws {
        var timeline = Timeline()
        for (index, event) in Self.events.enumerated() {
            timeline.append(
                start: Int64(index), duration: Int64(index % 5), lane: TimelineLane(rank: index % 3, name: "lane"),
                event: event)
        }
        #expect(try JSONDecoder().decode(Timeline.self, from: JSONEncoder().encode(timeline)) == timeline)
    }

    @Test("If a rank records segments, they are its computation, and its actions are not")
    func segmentsAreTheComputation() {
        var timeline = Timeline()
        let lane = TimelineLane(rank: 0, name: "lane")
        timeline.append(start: 0, duration: 10, lane: lane, event: .action(Action(.forward, stage: 0)))
        #expect(ClassTimes(timeline, rank: 0).compute.length == 10)
        timeline.append(start: 0, duration: 4, lane: lane, event: .segment(SegmentEvent("mlp", .forward)))
        #expect(ClassTimes(timeline, rank: 0).compute.length == 4)
    }
}
