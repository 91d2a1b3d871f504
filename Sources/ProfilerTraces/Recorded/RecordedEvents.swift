import Timelines

/// Gathers the spans of a timeline that a run, a plan or a merge wrote as Chrome-trace JSON: a process a rank, a thread
/// a lane, the activity's name as category.
struct RecordedEvents {
    private var spans: [TimeSpan] = []
    private var lanes: [Lane: Int32] = [:]
    private var lastLane: (key: Lane, index: Int32) = (Lane(rank: -1, thread: -1), -1)
    private var eventIndices: [EventKey: Int32] = [:]
    private var events: [TimelineEvent] = []
    private var names = NameTable()
    private var argumentTexts = NameTable()
    private var threadNames: [Lane: String] = [:]
    /// Spans without a rank or a proper time.
    private(set) var droppedEvents = 0

    private struct Lane: Hashable {
        var rank: Int64
        var thread: Int64
    }

    /// Spans whose name, category and arguments are the same bytes stand for one event, which is read once.
    private struct EventKey: Hashable {
        var name: Int32
        var activity: ActivityClass
        var arguments: Int32
    }

    /// Keeps a span. The arguments, if there are any, lie whole before `end`.
    mutating func add(_ fields: EventFields, _ end: BytePointer?) {
        guard let start = fields.time, let duration = fields.duration, duration >= 0, start.magnitude < 1 << 61,
            duration < 1 << 60, (0..<1 << 31).contains(fields.process),
            let activity = ActivityClass(category: fields.categoryName)
        else {
            droppedEvents += 1
            return
        }
        spans.append(
            TimeSpan(
                start: start, duration: duration, lane: lane(Lane(rank: fields.process, thread: fields.thread)),
                event: event(fields, activity, end)))
    }

    private mutating func event(_ fields: EventFields, _ activity: ActivityClass, _ end: BytePointer?) -> Int32 {
        var arguments = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        if let start = fields.arguments, let end, let stop = JSONBytes.valueEnd(start, end) {
            arguments = JSONBytes.bytes(start, stop)
        }
        let key = EventKey(
            name: names.index(of: fields.name).index, activity: activity,
            arguments: argumentTexts.index(of: arguments).index)
        if let index = eventIndices[key] { return index }
        var parts = ChromeTraceFields(name: names.text(key.name), activity: activity)
        if let start = fields.arguments, let end {
            _ = JSONBytes.forEachMember(start, end) { key, start, stop in
                parts.set(String(decoding: key, as: UTF8.self), to: JSONBytes.text(start, stop))
            }
        }
        let index = Int32(events.count)
        events.append(parts.timelineEvent)
        eventIndices[key] = index
        return index
    }

    /// Keeps what a thread is called.
    mutating func addName(_ fields: EventFields, _ end: BytePointer?) {
        guard fields.name.isEqual(to: "thread_name"), let arguments = fields.arguments, let end else { return }
        _ = JSONBytes.forEachMember(arguments, end) { key, start, stop in
            if key.isEqual(to: "name") {
                threadNames[Lane(rank: fields.process, thread: fields.thread)] = JSONBytes.text(start, stop)
            }
        }
    }

    /// All spans; nil where there is none.
    ///
    /// Rows into which a lane was split, since its spans overlap, are one lane again.
    var timeline: Timeline? {
        guard !spans.isEmpty else { return nil }
        var timeline = Timeline()
        var indices = [Int32](repeating: 0, count: lanes.count)
        for (key, index) in lanes.sorted(by: { $0.value < $1.value }) {
            indices[Int(index)] = timeline.index(of: TimelineLane(rank: Int(key.rank), name: name(of: key)))
        }
        let events = events.map { timeline.index(of: $0) }
        timeline.reserveCapacity(spans.count)
        for span in spans {
            timeline.append(
                TimeSpan(
                    start: span.start, duration: span.duration, lane: indices[Int(span.lane)],
                    event: events[Int(span.event)]))
        }
        return timeline
    }

    private func name(of lane: Lane) -> String {
        guard let name = threadNames[lane] else { return "thread \(lane.thread)" }
        guard name.last == ")", let open = name.lastIndex(of: "("), Int(name[open...].dropFirst().dropLast()) != nil
        else { return name }
        let base = name[..<open].dropLast()
        let isRow = threadNames.contains { $0.key.rank == lane.rank && $0.value == base }
        return isRow ? String(base) : name
    }

    private mutating func lane(_ key: Lane) -> Int32 {
        if key == lastLane.key { return lastLane.index }
        let index = lanes[key] ?? Int32(lanes.count)
        lanes[key] = index
        lastLane = (key, index)
        return index
    }
}

extension ActivityClass {
    /// The class that a category names; nil if it names none.
    fileprivate init?(category: UnsafeBufferPointer<UInt8>) {
        for activity in Self.allCases where category.elementsEqual(activity.name.utf8) {
            self = activity
            return
        }
        return nil
    }
}
