import OrderedCollections
import Timelines

/// Keeps what analysis needs of each event and drops the rest.
struct TraceCollector {
    /// The rows of another tool's table, if they are wanted.
    private(set) var rows: HolisticRows?
    /// The file, of which the reader counts the events.
    var file = TraceFile()

    private var device: DeviceCollector
    private(set) var recorded = RecordedEvents()
    private var openRanges = OpenRanges()
    var host = HostCollector()
    var members = DocumentMembers()

    /// Whether every event is a row of another tool's table.
    var keepsRows: Bool { rows != nil }

    init(rules: KernelRules, keepsRows: Bool = false) {
        device = DeviceCollector(rules: rules)
        rows = keepsRows ? HolisticRows() : nil
    }

    /// Keeps an event. Pointers to its texts are only valid during the call.
    ///
    /// Fields are passed by pointer, since a copy of them for each event would cost more than reading it.
    @inline(__always) mutating func add(_ fields: UnsafePointer<EventFields>, _ end: BytePointer? = nil) {
        file.eventCount += 1
        if rows != nil { rows?.add(fields.pointee, index: file.eventCount - 1) }
        switch fields.pointee.phase {
        case UInt8(ascii: "X"): keep(fields, argumentsEnd: end)
        case UInt8(ascii: "B"): open(fields, end)
        case UInt8(ascii: "E"): close(fields)
        case UInt8(ascii: "M"): recorded.addName(fields.pointee, end)
        default: break
        }
    }

    @inline(__always)
    private mutating func keep(
        _ fields: UnsafePointer<EventFields>, argumentsEnd end: BytePointer? = nil, collective: Int32 = -1
    ) {
        switch fields.pointee.category {
        case .kernel, .copy, .fill: device.add(fields, end, collective: collective)
        case .unknown:
            if fields.pointee.stream != nil, !fields.pointee.hasCategory {
                device.add(fields, end, collective: collective)
            }
        case .runtime: host.addCall(fields)
        case .annotation: host.addAnnotation(fields)
        case .recorded: recorded.add(fields.pointee, end)
        case .other: break
        }
    }

    private mutating func open(_ fields: UnsafePointer<EventFields>, _ end: BytePointer?) {
        let collective = fields.pointee.category == .kernel ? device.collective(of: fields, end) : -1
        if !openRanges.open(fields, collective: collective) { file.droppedEvents += 1 }
    }

    private mutating func close(_ end: UnsafePointer<EventFields>) {
        guard var range = openRanges.close(end) else { return }
        range.name.withUTF8 { name in
            range.fields.name = name
            withUnsafePointer(to: &range.fields) { keep($0, collective: range.collective) }
        }
    }

    /// The timeline that a run or a plan recorded; nil if the file is a profiler's.
    var recordedTimeline: Timeline? { device.timeline.spans.isEmpty ? recorded.timeline : nil }

    /// The rank that the file states or its name tells; nil if there is none.
    var rank: Int? { members.rank ?? RankTrace.rank(inName: file.path) }

    /// The trace, with each piece of work linked to the call that started it.
    consuming func finish() -> RankTrace {
        var trace = RankTrace()
        trace.file = file
        trace.file.statesRank = members.rank != nil
        trace.file.droppedEvents += device.droppedEvents
        trace.rank = rank ?? 0
        trace.worldSize = members.worldSize
        trace.device = members.device
        trace.baseTime = members.baseTime
        trace.timeline = device.timeline(ofRank: trace.rank)
        trace.kinds = device.kinds
        trace.collectives = device.collectives.elements
        trace.collectiveOfSpan = device.collectiveOfSpan
        trace.annotations = host.annotations.sorted { ($0.start, -$0.duration) < ($1.start, -$1.duration) }
        let links = LaunchLinks(host.launches, correlations: device.correlations)
        trace.launches = links.launches
        trace.launchOfSpan = links.launchOfSpan
        return trace
    }
}
