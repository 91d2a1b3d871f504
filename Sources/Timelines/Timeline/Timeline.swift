import PipelineActions

/// Spans of typed events on the lanes of ranks.
///
/// Simulations, training runs and profiler traces all produce timelines, so one analysis and one chart serve all three.
/// Times are nanoseconds from a common origin.
public struct Timeline: Sendable {
    /// The lanes of the spans.
    public private(set) var lanes: [TimelineLane] = []
    /// The events of the spans. Spans with equal events share one.
    public private(set) var events: [TimelineEvent] = []
    /// The spans, in the order in which they were recorded.
    public private(set) var spans: [TimeSpan] = []

    private(set) var laneIndices: [TimelineLane: Int32] = [:]
    private(set) var eventIndices: [TimelineEvent: Int32] = [:]

    /// An empty timeline.
    public init() {}

    /// Returns the index of a lane, which is added if it is new. Amortised O(1).
    public mutating func index(of lane: TimelineLane) -> Int32 { Self.index(of: lane, in: &lanes, &laneIndices) }

    /// Returns the index of an event, which is added if it is new. Amortised O(1).
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

    /// Returns the event of a span.
    public func event(of span: TimeSpan) -> TimelineEvent { events[Int(span.event)] }

    /// Adds a span. O(1).
    ///
    /// - Precondition: The span's lane and event exist, and its duration is not negative.
    public mutating func append(_ span: TimeSpan) {
        precondition(lanes.indices.contains(Int(span.lane)), "lane \(span.lane) does not exist")
        precondition(events.indices.contains(Int(span.event)), "event \(span.event) does not exist")
        precondition(span.duration >= 0, "a span's duration is negative")
        spans.append(span)
    }

    /// Adds a span on a lane, for an event. Lane and event are added if they are new. Amortised O(1).
    public mutating func append(start: Int64, duration: Int64, lane: TimelineLane, event: TimelineEvent) {
        append(TimeSpan(start: start, duration: duration, lane: index(of: lane), event: index(of: event)))
    }

    /// Reserves room for `count` more spans.
    public mutating func reserveCapacity(_ count: Int) { spans.reserveCapacity(spans.count + count) }

    /// Removes all spans, but keeps the lanes, the events and their indices.
    public mutating func removeAllSpans() { spans.removeAll(keepingCapacity: true) }

    /// Replaces all spans, but keeps the lanes, the events and their indices. O(spans).
    ///
    /// - Precondition: The lane and the event of each span exist, and no duration is negative.
    package mutating func replaceSpans(_ replacement: [TimeSpan]) {
        if let broken = Self.brokenInvariant(of: replacement, laneCount: lanes.count, eventCount: events.count) {
            preconditionFailure(broken)
        }
        spans = replacement
    }

    /// Removes the lanes without spans. The other lanes keep their order. O(spans).
    package mutating func removeUnusedLanes() {
        var isUsed = [Bool](repeating: false, count: lanes.count)
        for span in spans { isUsed[Int(span.lane)] = true }
        guard isUsed.contains(false) else { return }
        let used = lanes.indices.filter { isUsed[$0] }.map(Int32.init)
        let renumbered = Dictionary(uniqueKeysWithValues: zip(used, Int32(0)...))
        lanes = used.map { lanes[Int($0)] }
        laneIndices = Dictionary(uniqueKeysWithValues: zip(lanes, 0...))
        for index in spans.indices { spans[index].lane = renumbered[spans[index].lane] ?? 0 }
        if InvariantChecks.areEnabled { _checkInvariants() }
    }

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
        if InvariantChecks.areEnabled { _checkInvariants() }
    }

    /// Replaces the ranks and names of lanes. Spans keep their lanes. O(lanes).
    ///
    /// - Precondition: No two lanes become equal.
    public mutating func renameLanes(_ rename: (TimelineLane) -> TimelineLane) {
        let renamed = lanes.map(rename)
        precondition(Set(renamed).count == renamed.count, "two lanes would become equal")
        lanes = renamed
        laneIndices = Dictionary(uniqueKeysWithValues: zip(renamed, 0...))
        if InvariantChecks.areEnabled { _checkInvariants() }
    }

    /// The ranks that have a lane, in ascending order.
    public var ranks: [Int] { Set(lanes.map(\.rank)).sorted() }

    /// The range from the first start to the last end, in nanoseconds; nil if there are no spans. O(spans).
    public var extent: Range<Int64>? {
        guard var (start, end) = spans.first.map({ ($0.start, $0.end) }) else { return nil }
        for span in spans { (start, end) = (min(start, span.start), max(end, span.end)) }
        return start..<end
    }
}

extension Timeline: Equatable {
    /// Whether two timelines have equal spans in the same order. Spans are equal if their times, lanes and events are
    /// equal; the indices of lanes and events may differ.
    public static func == (left: Timeline, right: Timeline) -> Bool {
        left.spans.count == right.spans.count
            && zip(left.spans, right.spans).allSatisfy { one, two in
                one.interval == two.interval && left.lanes[Int(one.lane)] == right.lanes[Int(two.lane)]
                    && left.event(of: one) == right.event(of: two)
            }
    }
}
