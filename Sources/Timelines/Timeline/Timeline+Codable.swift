import PipelineActions

extension Timeline: Codable {
    private enum Key: CodingKey { case ranks, lanes, events, spans }

    /// Decodes lanes, events and spans.
    ///
    /// - Throws: `DecodingError` if the lists do not belong together, if a span has a negative duration, an end beyond
    ///   64 bits, or a lane or event that does not exist.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init()
        let ranks = try container.decode([Int].self, forKey: .ranks)
        let names = try container.decode([String].self, forKey: .lanes)
        guard ranks.count == names.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .lanes, in: container,
                debugDescription: "\(names.count) lanes have \(ranks.count) ranks: give one rank per lane")
        }
        let lanes = zip(ranks, names).map { index(of: TimelineLane(rank: $0, name: $1)) }
        let events = try container.decode([TimelineEvent].self, forKey: .events).map { index(of: $0) }
        let spans = try container.decode([Int64].self, forKey: .spans)
        guard spans.count.isMultiple(of: 4) else {
            throw DecodingError.dataCorruptedError(
                forKey: .spans, in: container,
                debugDescription: "the spans have \(spans.count) numbers: give four per span")
        }
        reserveCapacity(spans.count / 4)
        for start in stride(from: 0, to: spans.count, by: 4) {
            guard spans[start + 1] >= 0, !spans[start].addingReportingOverflow(spans[start + 1]).overflow,
                let lane = Int(exactly: spans[start + 2]), lanes.indices.contains(lane),
                let event = Int(exactly: spans[start + 3]), events.indices.contains(event)
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .spans, in: container,
                    debugDescription: "span \(start / 4) has a negative duration, an end beyond 64 bits, or an "
                        + "unknown lane or event")
            }
            append(TimeSpan(start: spans[start], duration: spans[start + 1], lane: lanes[lane], event: events[event]))
        }
        if InvariantChecks.areEnabled { _checkInvariants() }
    }

    /// Encodes lanes and events once, and each span as four numbers.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(lanes.map(\.rank), forKey: .ranks)
        try container.encode(lanes.map(\.name), forKey: .lanes)
        try container.encode(events, forKey: .events)
        try container.encode(
            spans.flatMap { [$0.start, $0.duration, Int64($0.lane), Int64($0.event)] }, forKey: .spans)
    }
}
