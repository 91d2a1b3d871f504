import Timelines

/// Collects the spans of a timeline that a run, a plan or a merge wrote as Chrome-trace JSON. There is one process per
/// rank and one thread per lane; the category is the activity's name.
struct RecordedEvents {
    private var spans: [TimeSpan] = []
    /// The lanes. The process is the rank.
    private var lanes = KeyTable<ThreadKey>()
    private var eventIndices: [EventKey: Int32] = [:]
    private var events: [TimelineEvent] = []
    private var names = NameTable()
    private var argumentTexts = NameTable()
    private var threadNames: [ThreadKey: String] = [:]
    /// The number of spans that were dropped since they have no rank, no valid time or no known category.
    private(set) var droppedEvents = 0
    private var limits = TimeLimits()

    /// The key of an event. Spans with the same bytes as name, category and arguments share one event, which is parsed
    /// once.
    private struct EventKey: Hashable {
        var name: Int32
        var activity: ActivityClass
        var arguments: Int32
    }

    /// Adds a span. Its arguments, if it has any, end before `end`.
    mutating func add(_ fields: EventFields, _ end: BytePointer?) {
        guard let start = fields.time, let duration = fields.duration, (0..<1 << 31).contains(fields.process),
            let activity = ActivityClass(category: fields.categoryName), limits.admit(start: start, duration: duration)
        else {
            droppedEvents += 1
            return
        }
        spans.append(
            TimeSpan(
                start: start, duration: duration, lane: lanes.index(of: ThreadKey(fields)),
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
        var texts: [(key: String, text: String)] = []
        texts.reserveCapacity(8)
        if let start = fields.arguments, let end {
            _ = JSONBytes.forEachMember(start, end) { key, start, stop in
                texts.append((String(decoding: key, as: UTF8.self), JSONBytes.text(start, stop)))
            }
        }
        let index = Int32(events.count)
        events.append(TimelineEvent(name: names.text(key.name), activity: activity, chromeTraceArguments: texts))
        eventIndices[key] = index
        return index
    }

    /// The number of lanes, also of those that are only named.
    var laneCount: Int { max(lanes.keys.count, threadNames.count) }

    /// The size of all distinct names and arguments.
    var nameBytes: Int { names.byteCount + argumentTexts.byteCount }

    /// Adds the name of a thread from a metadata event.
    mutating func addName(_ fields: EventFields, _ end: BytePointer?) {
        guard fields.name.isEqual(to: "thread_name"), let arguments = fields.arguments, let end else { return }
        _ = JSONBytes.forEachMember(arguments, end) { key, start, stop in
            if key.isEqual(to: "name") { threadNames[ThreadKey(fields)] = JSONBytes.text(start, stop) }
        }
    }

    /// Drops the spans that start far from all others.
    mutating func dropOutliers() {
        guard let kept = TimeLimits.indicesNearMedian(spans) else { return }
        droppedEvents += spans.count - kept.count
        spans = kept.map { spans[$0] }
    }

    /// The timeline of all spans; nil if there is no span.
    ///
    /// A lane whose spans overlap was written as several threads. These become one lane again.
    var timeline: Timeline? {
        guard !spans.isEmpty else { return nil }
        var timeline = Timeline()
        let indices = lanes.keys.map { timeline.index(of: TimelineLane(rank: Int($0.process), name: name(of: $0))) }
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

    /// The name of a lane: that of its thread, without the number that a thread has if its lane was split.
    private func name(of lane: ThreadKey) -> String {
        guard let name = threadNames[lane] else { return "thread \(lane.thread)" }
        guard name.last == ")", let open = name.lastIndex(of: "("), Int(name[open...].dropFirst().dropLast()) != nil
        else { return name }
        let base = name[..<open].dropLast()
        let isRow = threadNames.contains { $0.key.process == lane.process && $0.value == base }
        return isRow ? String(base) : name
    }
}

extension ActivityClass {
    /// The class with the name of a category; nil if there is none.
    fileprivate init?(category: UnsafeBufferPointer<UInt8>) {
        for activity in Self.allCases where category.elementsEqual(activity.name.utf8) {
            self = activity
            return
        }
        return nil
    }
}
