import PipelineActions

extension Timeline: Codable {
    private enum Key: CodingKey { case ranks, lanes, events, spans }

    /// Decodes lanes, events and spans.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init()
        let ranks = try container.decode([Int].self, forKey: .ranks)
        let names = try container.decode([String].self, forKey: .lanes)
        let lanes = zip(ranks, names).map { index(of: TimelineLane(rank: $0, name: $1)) }
        let events = try container.decode([TimelineEvent].self, forKey: .events).map { index(of: $0) }
        let spans = try container.decode([Int64].self, forKey: .spans)
        reserveCapacity(spans.count / 4)
        for start in stride(from: 0, to: spans.count - 3, by: 4) {
            guard spans[start + 1] >= 0, let lane = Int(exactly: spans[start + 2]), lanes.indices.contains(lane),
                let event = Int(exactly: spans[start + 3]), events.indices.contains(event)
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .spans, in: container,
                    debugDescription: "span \(start / 4) has a negative duration or an unknown lane or event")
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
