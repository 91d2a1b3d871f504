/// What happened when: spans on the lanes of ranks.
///
/// A simulation makes one, a real run makes one and a profiler's trace becomes one, so that one analysis and one
/// picture serve all three. Times are nanoseconds from a common origin.
public struct Timeline: Sendable {
    /// The rows that spans lie on.
    public private(set) var lanes: [TimelineLane] = []
    /// The events that spans stand for; spans of equal events share one.
    public private(set) var events: [TimelineEvent] = []
    /// What happened, in the order in which it was recorded.
    public private(set) var spans: [TimeSpan] = []

    private var laneIndices: [TimelineLane: Int32] = [:]
    private var eventIndices: [TimelineEvent: Int32] = [:]

    /// A timeline in which nothing has happened yet.
    public init() {}

    /// The index of a lane, which is added where it is new. Amortised O(1).
    public mutating func index(of lane: TimelineLane) -> Int32 { Self.index(of: lane, in: &lanes, &laneIndices) }

    /// The index of an event, which is added if it is new. Amortised O(1).
    public mutating func index(of event: TimelineEvent) -> Int32 { Self.index(of: event, in: &events, &eventIndices) }

    private static func index<Value: Hashable>(
        of value: Value, in values: inout [Value], _ indices: inout [Value: Int32]
    ) -> Int32 {
        if let index = indices[value] { return index }
        let index = Int32(values.count)
        values.append(value)
        indices[value] = index
        return index
    }

    /// The event of a span.
    public func event(of span: TimeSpan) -> TimelineEvent { events[Int(span.event)] }

    /// Adds a span. O(1).
    ///
    /// - Precondition: Its lane and event exist, and its duration is not negative.
    public mutating func append(_ span: TimeSpan) {
        precondition(lanes.indices.contains(Int(span.lane)), "lane \(span.lane) does not exist")
        precondition(events.indices.contains(Int(span.event)), "event \(span.event) does not exist")
        precondition(span.duration >= 0, "a span's duration is negative")
        spans.append(span)
    }

    /// Adds a span by the lane and event themselves. Amortised O(1).
    public mutating func append(start: Int64, duration: Int64, lane: TimelineLane, event: TimelineEvent) {
        append(TimeSpan(start: start, duration: duration, lane: index(of: lane), event: index(of: event)))
    }

    /// Makes room for `count` more spans.
    public mutating func reserveCapacity(_ count: Int) { spans.reserveCapacity(spans.count + count) }

    /// Forgets all spans, but keeps the lanes and events and their indices.
    public mutating func removeAllSpans() { spans.removeAll(keepingCapacity: true) }

    /// Adds all of another timeline's spans, moved by `offset` nanoseconds, with their lanes and events.
    public mutating func append(contentsOf other: Timeline, offset: Int64 = 0) {
        let laneMap = other.lanes.map { index(of: $0) }
        let eventMap = other.events.map { index(of: $0) }
        reserveCapacity(other.spans.count)
        for span in other.spans {
            append(
                TimeSpan(
                    start: span.start + offset, duration: span.duration, lane: laneMap[Int(span.lane)],
                    event: eventMap[Int(span.event)]))
        }
    }

    /// Gives lanes other ranks or names; spans stay on theirs. O(lanes).
    ///
    /// - Precondition: No two lanes become equal.
    public mutating func renameLanes(_ rename: (TimelineLane) -> TimelineLane) {
        let renamed = lanes.map(rename)
        precondition(Set(renamed).count == renamed.count, "two lanes would become one")
        lanes = renamed
        laneIndices = Dictionary(uniqueKeysWithValues: zip(renamed, 0...))
    }

    /// The ranks that have a lane, in ascending order.
    public var ranks: [Int] { Set(lanes.map(\.rank)).sorted() }

    /// From the first start to the last end, in nanoseconds; nil where nothing happened. O(spans).
    public var extent: Range<Int64>? {
        guard var (start, end) = spans.first.map({ ($0.start, $0.end) }) else { return nil }
        for span in spans { (start, end) = (min(start, span.start), max(end, span.end)) }
        return start..<end
    }
}

extension Timeline: Equatable {
    /// Whether two timelines have the same spans in one order: equal times, lanes and events, however these are
    /// indexed.
    public static func == (left: Timeline, right: Timeline) -> Bool {
        left.spans.count == right.spans.count
            && zip(left.spans, right.spans).allSatisfy { one, two in
                one.interval == two.interval && left.lanes[Int(one.lane)] == right.lanes[Int(two.lane)]
                    && left.event(of: one) == right.event(of: two)
            }
    }
}
