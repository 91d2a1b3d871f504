import Timelines

/// Keeps what analysis needs of each event and drops the rest.
struct TraceCollector {
    var trace = RankTrace()
    /// The rows of another tool's table, where they are wanted.
    var rows: HolisticRows?

    /// Whether every event is a row of another tool's table.
    var keepsRows: Bool { rows != nil }

    private let rules: KernelRules
    /// Names of the device's work, with an event for each of the three categories; -1 where there is none yet.
    private var names = NameTable()
    private var eventsOfName: [(kernel: Int32, copy: Int32, fill: Int32)] = []
    /// Whether the kernels of an event say more of themselves in their arguments.
    private var hasCollectives: [Bool] = []
    private var lanes: [Lane: Int32] = [:]
    /// The lanes of the first streams, which a search through them finds sooner than a hash does.
    private var firstLanes: [(key: Lane, index: Int32)] = []
    private var devices: Set<Int64> = []
    private var threads: [Thread: Int32] = [:]
    private var lastThread: (key: Thread, index: Int32) = (Thread(process: .min, thread: .min), -1)
    private var runtimeNames = NameTable()
    private var startingNames: [Bool] = []
    private var lastStarts = false
    private var annotationNames = NameTable()
    private var annotationTexts: [String] = []
    private var correlations: [UInt32] = []
    private var collectiveIndices: [Collective: Int32] = [:]
    private var openRanges: [Thread: [OpenRange]] = [:]
    private var recorded = RecordedEvents()

    private static let noCorrelation = UInt32.max
    /// How many begun ranges of one thread may be open.
    private static let deepestRange = 1 << 16

    private struct Lane: Hashable {
        var device: Int64
        var stream: Int64
    }

    private struct Thread: Hashable {
        var process: Int64
        var thread: Int64
    }

    /// A begin event that waits for its end.
    private struct OpenRange {
        var fields: EventFields
        var name: String
        var collective: Int32
    }

    init(rules: KernelRules, keepsRows: Bool = false) {
        self.rules = rules
        rows = keepsRows ? HolisticRows() : nil
    }

    // MARK: Events

    /// Keeps an event. Its places are only valid during the call.
    ///
    /// An event's fields are handed on by their place, since there are many of them.
    @inline(__always)
    mutating func add(_ fields: UnsafePointer<EventFields>, _ end: JSONPlace? = nil) {
        trace.eventCount += 1
        if rows != nil { rows?.add(fields.pointee, index: trace.eventCount - 1) }
        switch fields.pointee.phase {
        case UInt8(ascii: "X"): keep(fields, argumentsEnd: end)
        case UInt8(ascii: "B"): open(fields, end)
        case UInt8(ascii: "E"): close(fields)
        case UInt8(ascii: "M"): recorded.addName(fields.pointee, end)
        default: break
        }
    }

    /// What a run or a plan recorded as a timeline; nil where the file is a profiler's.
    var recordedTimeline: Timeline? { trace.timeline.spans.isEmpty ? recorded.timeline : nil }

    /// Spans of such a timeline that lack a rank or a proper time.
    var recordedLeftOut: Int { recorded.leftOut }

    @inline(__always)
    private mutating func keep(
        _ fields: UnsafePointer<EventFields>, argumentsEnd end: JSONPlace? = nil, collective: Int32 = -1
    ) {
        switch fields.pointee.category {
        case .kernel, .copy, .fill: addWork(fields, end, collective)
        case .unknown:
            if fields.pointee.stream != nil, !fields.pointee.hasCategory { addWork(fields, end, collective) }
        case .runtime: addLaunch(fields)
        case .annotation: addAnnotation(fields)
        case .recorded: recorded.add(fields.pointee, end)
        case .other: break
        }
    }

    private mutating func addWork(_ fields: UnsafePointer<EventFields>, _ end: JSONPlace?, _ known: Int32) {
        guard let start = fields.pointee.time, let duration = fields.pointee.duration, duration >= 0,
            fields.pointee.hasName,
            start.magnitude < 1 << 61, duration < 1 << 60
        else {
            trace.leftOut += 1
            return
        }
        let event = event(fields.pointee.name, fields.pointee.category)
        var collective = known
        if collective < 0, hasCollectives[Int(event)], let arguments = fields.pointee.arguments, let end {
            collective = index(ofCollectiveAt: arguments, end)
        }
        let device = fields.pointee.device ?? fields.pointee.process
        let stream = fields.pointee.stream ?? fields.pointee.thread
        trace.timeline.append(
            TimeSpan(start: start, duration: duration, lane: lane(device, stream), event: event))
        correlations.append(fields.pointee.correlation.map { UInt32(truncatingIfNeeded: $0) } ?? Self.noCorrelation)
        trace.collectiveOfSpan.append(collective)
    }

    private mutating func addLaunch(_ fields: UnsafePointer<EventFields>) {
        guard let start = fields.pointee.time, let correlation = fields.pointee.correlation, start.magnitude < 1 << 61
        else { return }
        guard startsWork(fields.pointee.name) else { return }
        trace.launches.append(
            KernelLaunch(
                start: start, duration: UInt32(clamping: fields.pointee.duration ?? 0),
                correlation: UInt32(truncatingIfNeeded: correlation), thread: thread(fields)))
    }

    /// Whether a call of the runtime's, by its name, puts work on the device.
    @inline(__always)
    mutating func startsWork(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if runtimeNames.isLast(name) { return lastStarts }
        let (index, isNew) = runtimeNames.index(of: name)
        if isNew {
            let text = KernelName(runtimeNames.text(index))
            startingNames.append(["Launch", "emcpy", "emset"].contains { text.contains($0) })
        }
        lastStarts = startingNames[Int(index)]
        return lastStarts
    }

    private mutating func addAnnotation(_ fields: UnsafePointer<EventFields>) {
        guard let start = fields.pointee.time, let duration = fields.pointee.duration, duration >= 0,
            start.magnitude < 1 << 61,
            duration < 1 << 60
        else { return }
        let (name, isNew) = annotationNames.index(of: fields.pointee.name)
        if isNew { annotationTexts.append(annotationNames.text(name)) }
        trace.annotations.append(
            TraceAnnotation(
                name: annotationTexts[Int(name)], start: start, duration: duration, thread: thread(fields)))
    }

    // MARK: Begin and end

    private mutating func open(_ fields: UnsafePointer<EventFields>, _ end: JSONPlace?) {
        let key = Thread(process: fields.pointee.process, thread: fields.pointee.thread)
        var kept = fields.pointee
        // Places die with the call: what is needed of them becomes text.
        kept.name = UnsafeBufferPointer(start: nil, count: 0)
        kept.categoryName = kept.name
        kept.arguments = nil
        let matters =
            fields.pointee.category != .other && (fields.pointee.category != .unknown || fields.pointee.stream != nil)
        var collective: Int32 = -1
        if fields.pointee.category == .kernel, let arguments = fields.pointee.arguments, let end {
            collective = index(ofCollectiveAt: arguments, end)
        }
        let range = OpenRange(
            fields: kept, name: matters ? String(decoding: fields.pointee.name, as: UTF8.self) : "",
            collective: collective)
        if openRanges[key, default: []].count < Self.deepestRange {
            openRanges[key, default: []].append(range)
        } else {
            trace.leftOut += 1
        }
    }

    private mutating func close(_ end: UnsafePointer<EventFields>) {
        let key = Thread(process: end.pointee.process, thread: end.pointee.thread)
        guard let range = openRanges[key]?.popLast() else { return }
        var fields = range.fields
        guard fields.category != .other, let start = fields.time, let stop = end.pointee.time, !range.name.isEmpty
        else {
            return
        }
        let (duration, overflow) = stop.subtractingReportingOverflow(start)
        fields.duration = overflow ? nil : duration
        fields.phase = UInt8(ascii: "X")
        fields.stream = fields.stream ?? end.pointee.stream
        fields.correlation = fields.correlation ?? end.pointee.correlation
        var name = range.name
        name.withUTF8 { bytes in
            fields.name = bytes
            withUnsafePointer(to: &fields) { keep($0, collective: range.collective) }
        }
    }

    // MARK: Numbers for names

    @inline(__always)
    private mutating func event(_ name: UnsafeBufferPointer<UInt8>, _ category: EventCategory) -> Int32 {
        let (index, isNew) = names.index(of: name)
        if isNew { eventsOfName.append((-1, -1, -1)) }
        let known =
            switch category {
            case .copy: eventsOfName[Int(index)].copy
            case .fill: eventsOfName[Int(index)].fill
            default: eventsOfName[Int(index)].kernel
            }
        return known >= 0 ? known : addEvent(index, category)
    }

    private mutating func addEvent(_ name: Int32, _ category: EventCategory) -> Int32 {
        let text = names.text(name)
        let kind = rules.kind(of: text, isCopy: category == .copy || category == .fill)
        let event = trace.timeline.index(of: .kernel(text, kind.activity))
        if Int(event) == trace.kinds.count {
            trace.kinds.append(kind)
            hasCollectives.append(kind.activity == .communication)
        }
        switch category {
        case .copy: eventsOfName[Int(name)].copy = event
        case .fill: eventsOfName[Int(name)].fill = event
        default: eventsOfName[Int(name)].kernel = event
        }
        return event
    }

    @inline(__always)
    private mutating func lane(_ device: Int64, _ stream: Int64) -> Int32 {
        let key = Lane(device: device, stream: stream)
        for known in firstLanes where known.key == key { return known.index }
        if let index = lanes[key] { return index }
        let index = trace.timeline.index(of: TimelineLane(rank: 0, name: "device \(device) stream \(stream)"))
        lanes[key] = index
        if firstLanes.count < 8 { firstLanes.append((key, index)) }
        devices.insert(device)
        return index
    }

    @inline(__always)
    private mutating func thread(_ fields: UnsafePointer<EventFields>) -> Int32 {
        let key = Thread(process: fields.pointee.process, thread: fields.pointee.thread)
        if key == lastThread.key { return lastThread.index }
        let index = threads[key] ?? Int32(threads.count)
        threads[key] = index
        lastThread = (key, index)
        return index
    }

    /// The index of what a kernel's arguments say of its collective; -1 where they say nothing.
    private mutating func index(ofCollectiveAt arguments: JSONPlace, _ end: JSONPlace) -> Int32 {
        var collective = Collective()
        var isOne = false
        _ = JSONBytes.forEachMember(arguments, end) { key, start, stop in
            switch key.count {
            case 15 where key.isEqual(to: "Collective name"):
                collective.operation = JSONBytes.text(start, stop)
                isOne = true
            case 13 where key.isEqual(to: "In msg nelems"):
                collective.inputElements = integer(JSONBytes.bytes(start, stop))
            case 14 where key.isEqual(to: "Out msg nelems"):
                collective.outputElements = integer(JSONBytes.bytes(start, stop))
            case 10 where key.isEqual(to: "Group size"):
                collective.groupSize = integer(JSONBytes.bytes(start, stop)).map(Int.init)
            case 5 where key.isEqual(to: "dtype"): collective.elementType = JSONBytes.text(start, stop)
            case 18 where key.isEqual(to: "Process Group Name"): collective.group = JSONBytes.text(start, stop)
            case 25 where key.isEqual(to: "Process Group Description"):
                collective.groupDescription = JSONBytes.text(start, stop)
            case 19 where key.isEqual(to: "Process Group Ranks"):
                collective.groupRanks = JSONBytes.text(start, stop)
            case 8 where key.isEqual(to: "Src Rank") || key.isEqual(to: "Dst Rank"):
                collective.peer = integer(JSONBytes.bytes(start, stop)).map(Int.init)
            default: break
            }
        }
        guard isOne else { return -1 }
        if let index = collectiveIndices[collective] { return index }
        let index = Int32(trace.collectives.count)
        trace.collectives.append(collective)
        collectiveIndices[collective] = index
        return index
    }

    // MARK: The document's other members

    /// Whether a key of the document, in quotes, is looked at.
    static func wantsMember(_ key: String) -> Bool {
        ["\"distributedInfo\"", "\"baseTimeNanoseconds\"", "\"deviceProperties\""].contains(key)
    }

    /// Keeps a member of the document.
    mutating func addMember(_ key: String, _ value: String) {
        var bytes = Array(value.utf8)
        let count = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: JSONBytes.padding))
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let end = base + count
            switch key {
            case "\"baseTimeNanoseconds\"": trace.baseTime = integer(JSONBytes.bytes(base, end)) ?? 0
            case "\"distributedInfo\"":
                var rank: Int64?
                var worldSize: Int64?
                _ = JSONBytes.forEachMember(base, end) { key, start, stop in
                    if key.isEqual(to: "rank") { rank = integer(JSONBytes.bytes(start, stop)) }
                    if key.isEqual(to: "world_size") { worldSize = integer(JSONBytes.bytes(start, stop)) }
                }
                if let rank, rank >= 0, rank < 1 << 31 {
                    trace.rank = Int(rank)
                    trace.namesItsRank = true
                }
                trace.worldSize = worldSize.map(Int.init)
            default:
                let first = JSONBytes.skipSpace(base + 1, end)
                _ = JSONBytes.forEachMember(first, end) { key, start, stop in
                    if key.isEqual(to: "name"), trace.device == nil { trace.device = JSONBytes.text(start, stop) }
                }
            }
        }
    }

    // MARK: The end

    /// The trace, with each piece of work linked to the call that started it.
    consuming func finish() -> RankTrace {
        let isSingle = devices.count <= 1
        let rank = trace.rank
        trace.timeline.renameLanes { lane in
            let words = lane.name.split(separator: " ")
            return TimelineLane(rank: rank, name: words.suffix(isSingle ? 2 : 4).joined(separator: " "))
        }
        trace.annotations.sort { ($0.start, -$0.duration) < ($1.start, -$1.duration) }
        linkLaunches()
        return trace
    }

    /// Sorts the launches by correlation, keeps those that started something and points each piece of work at its own.
    private mutating func linkLaunches() {
        let isBefore = { (first: KernelLaunch, second: KernelLaunch) in
            (first.correlation, first.start) < (second.correlation, second.start)
        }
        // Most programs start work from one thread, and then they are in order already.
        let isSorted = zip(trace.launches, trace.launches.dropFirst()).allSatisfy { !isBefore($1, $0) }
        if !isSorted { trace.launches.sort(by: isBefore) }
        let launches = trace.launches
        var kept: [KernelLaunch] = []
        var place: [Int32] = Array(repeating: -1, count: launches.count)
        var near = 0
        trace.launchOfSpan = correlations.map { correlation in
            guard correlation != Self.noCorrelation else { return -1 }
            near = Self.first(from: correlation, in: launches, near: near)
            guard near < launches.count, launches[near].correlation == correlation else { return -1 }
            if place[near] < 0 {
                place[near] = Int32(kept.count)
                kept.append(launches[near])
            }
            return place[near]
        }
        trace.launches = kept
        correlations = []
    }

    /// The first launch of at least a correlation: looked for among the few that follow the last one found, since work
    /// runs about in the order in which it is started, then among all.
    private static func first(from correlation: UInt32, in launches: [KernelLaunch], near: Int) -> Int {
        if near < launches.count, launches[near].correlation < correlation {
            for place in near + 1..<min(launches.count, near + 9) where launches[place].correlation >= correlation {
                return place
            }
        }
        var low = 0
        var high = launches.count
        while low < high {
            let middle = (low + high) / 2
            if launches[middle].correlation < correlation { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
