import PipelineActions

extension Timeline {
    /// Stops the process if the timeline breaks an invariant, and names the invariant. O(spans + lanes + events).
    package func _checkInvariants() {
        let invariant =
            Self.brokenInvariant(of: lanes, laneIndices, named: "lane")
            ?? Self.brokenInvariant(of: events, eventIndices, named: "event")
            ?? Self.brokenInvariant(of: spans, laneCount: lanes.count, eventCount: events.count)
        if let invariant { InvariantChecks.fail("timeline: \(invariant)") }
    }

    /// Returns the first invariant that lanes or events and the table of their indices would break; nil if they break
    /// none. O(n).
    ///
    /// - No two values are equal.
    /// - The table has the index of every value, and no other entry.
    package static func brokenInvariant<Value: Hashable>(
        of values: [Value], _ indices: [Value: Int32], named name: String
    ) -> String? {
        for (index, value) in values.enumerated() {
            guard let entry = indices[value] else { return "\(name) \(index) has no entry in the table of indices" }
            guard entry == index else { return "\(name) \(index) has index \(entry) in the table of indices" }
        }
        guard indices.count == values.count else {
            return "the table of indices has a \(name) that the timeline does not have"
        }
        return nil
    }

    /// Returns the first invariant that spans would break; nil if they break none. O(spans).
    ///
    /// - Each span has a lane and an event of the timeline.
    /// - No duration is negative.
    package static func brokenInvariant(of spans: [TimeSpan], laneCount: Int, eventCount: Int) -> String? {
        for (index, span) in spans.enumerated() {
            guard (0..<laneCount).contains(Int(span.lane)) else {
                return "span \(index) has lane \(span.lane), which does not exist"
            }
            guard (0..<eventCount).contains(Int(span.event)) else {
                return "span \(index) has event \(span.event), which does not exist"
            }
            guard span.duration >= 0 else { return "span \(index) has the negative duration \(span.duration)" }
        }
        return nil
    }
}
