/// What happened when: spans on the lanes of ranks.
///
/// A simulation makes one, a real run makes one and a profiler's trace becomes one, so that one analysis and one
/// picture serve all three. Times are nanoseconds from a common origin.
public struct Timeline: Hashable, Sendable {
    /// The rows that spans lie on.
    public private(set) var lanes: [TimelineLane] = []
    /// What spans can be; spans of the same thing share one.
    public private(set) var labels: [TimelineLabel] = []
    /// What happened, in the order in which it was recorded.
    public private(set) var spans: [TimeSpan] = []

    private var laneIndices: [TimelineLane: Int32] = [:]
    private var labelIndices: [TimelineLabel: Int32] = [:]

    /// A timeline in which nothing has happened yet.
    public init() {}

    /// The index of a lane, which is added where it is new. Amortised O(1).
    public mutating func index(of lane: TimelineLane) -> Int32 {
        if let index = laneIndices[lane] { return index }
        let index = Int32(lanes.count)
        lanes.append(lane)
        laneIndices[lane] = index
        return index
    }

    /// The index of a label, which is added where it is new. Amortised O(1).
    public mutating func index(of label: TimelineLabel) -> Int32 {
        if let index = labelIndices[label] { return index }
        let index = Int32(labels.count)
        labels.append(label)
        labelIndices[label] = index
        return index
    }

    /// Adds a span. O(1).
    ///
    /// - Precondition: Its lane and label exist, and its duration is not negative.
    public mutating func append(_ span: TimeSpan) {
        precondition(lanes.indices.contains(Int(span.lane)), "lane \(span.lane) does not exist")
        precondition(labels.indices.contains(Int(span.label)), "label \(span.label) does not exist")
        precondition(span.duration >= 0, "a span's duration is negative")
        spans.append(span)
    }

    /// Adds a span by the lane and label themselves. Amortised O(1).
    public mutating func append(start: Int64, duration: Int64, lane: TimelineLane, label: TimelineLabel) {
        append(TimeSpan(start: start, duration: duration, lane: index(of: lane), label: index(of: label)))
    }

    /// Makes room for `count` more spans.
    public mutating func reserveCapacity(_ count: Int) {
        spans.reserveCapacity(spans.count + count)
    }

    /// Forgets all spans, but keeps the lanes and labels and their indices.
    public mutating func removeAllSpans() {
        spans.removeAll(keepingCapacity: true)
    }

    /// Adds all of another timeline's spans, moved by `offset` nanoseconds, with their lanes and labels.
    public mutating func append(contentsOf other: Timeline, offset: Int64 = 0) {
        let laneMap = other.lanes.map { index(of: $0) }
        let labelMap = other.labels.map { index(of: $0) }
        reserveCapacity(other.spans.count)
        for span in other.spans {
            append(
                TimeSpan(
                    start: span.start + offset, duration: span.duration, lane: laneMap[Int(span.lane)],
                    label: labelMap[Int(span.label)]))
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
        guard let first = spans.first else { return nil }
        var start = first.start
        var end = first.end
        for span in spans {
            start = min(start, span.start)
            end = max(end, span.end)
        }
        return start..<end
    }
}
