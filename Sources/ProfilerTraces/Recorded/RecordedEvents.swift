import Timelines

/// Gathers the spans of a timeline that a run, a plan or a merge wrote as Chrome-trace JSON: a process a rank, a thread a
/// lane, the activity's name as category.
struct RecordedEvents {
    private var spans: [TimeSpan] = []
    private var lanes: [Lane: Int32] = [:]
    private var lastLane: (key: Lane, index: Int32) = (Lane(rank: -1, thread: -1), -1)
    private var labels: [LabelKey: Int32] = [:]
    private var values: [TimelineLabel] = []
    private var names = NameTable()
    private var threadNames: [Lane: String] = [:]
    /// Spans without a rank or a proper time.
    private(set) var leftOut = 0

    private struct Lane: Hashable {
        var rank: Int64
        var thread: Int64
    }

    private struct LabelKey: Hashable {
        var name: Int32
        var activity: ActivityClass
        var stage: Int64
        var microbatch: Int64
    }

    /// Keeps a span. The arguments, where there are any, lie whole before `end`.
    mutating func add(_ fields: EventFields, _ end: JSONPlace?) {
        guard let start = fields.time, let duration = fields.duration, duration >= 0, start.magnitude < 1 << 61,
            duration < 1 << 60, (0..<1 << 31).contains(fields.process), !fields.categoryName.isEmpty
        else {
            leftOut += 1
            return
        }
        var key = LabelKey(
            name: names.index(of: fields.name).index, activity: Self.activity(fields.categoryName), stage: -1,
            microbatch: -1)
        if let arguments = fields.arguments, let end {
            _ = JSONBytes.forEachMember(arguments, end) { name, start, stop in
                if name.isEqual(to: "stage") { key.stage = integer(JSONBytes.bytes(start, stop)) ?? -1 }
                if name.isEqual(to: "microbatch") { key.microbatch = integer(JSONBytes.bytes(start, stop)) ?? -1 }
            }
        }
        spans.append(
            TimeSpan(
                start: start, duration: duration, lane: lane(Lane(rank: fields.process, thread: fields.thread)),
                label: label(key)))
    }

    /// Keeps what a thread is called.
    mutating func addName(_ fields: EventFields, _ end: JSONPlace?) {
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
        for (key, place) in lanes.sorted(by: { $0.value < $1.value }) {
            indices[Int(place)] = timeline.index(of: TimelineLane(rank: Int(key.rank), name: name(of: key)))
        }
        let labels = values.map { timeline.index(of: $0) }
        timeline.reserveCapacity(spans.count)
        for span in spans {
            timeline.append(
                TimeSpan(
                    start: span.start, duration: span.duration, lane: indices[Int(span.lane)],
                    label: labels[Int(span.label)]))
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

    private mutating func label(_ key: LabelKey) -> Int32 {
        if let index = labels[key] { return index }
        let index = Int32(values.count)
        values.append(
            TimelineLabel(
                name: names.text(key.name), activity: key.activity, stage: Self.number(key.stage),
                microbatch: Self.number(key.microbatch)))
        labels[key] = index
        return index
    }

    private static func number(_ value: Int64) -> Int? {
        (0..<1 << 31).contains(value) ? Int(value) : nil
    }

    /// The activity of a category that is known to be one.
    private static func activity(_ name: UnsafeBufferPointer<UInt8>) -> ActivityClass {
        switch name.count {
        case 4: .wait
        case 6: .memory
        case 7: .compute
        case 8: .transfer
        default: .communication
        }
    }
}
