import OrderedCollections
import Timelines

/// Collects the parts of each event that analysis needs.
struct TraceCollector {
    /// The rows of HolisticTraceAnalysis's table; nil if they are not kept.
    private(set) var rows: HolisticRows?
    /// The file. ``add(_:_:)`` counts its events.
    var file = TraceFile()

    private(set) var device: DeviceCollector
    private(set) var recorded = RecordedEvents()
    private var openRanges = OpenRanges()
    var host = HostCollector()
    var members = DocumentMembers()

    /// The number of events that were added.
    private(set) var keptEvents = 0
    /// The size of the names of the ranges without an end so far.
    var openNameBytes: Int { openRanges.nameBytes }

    /// Whether every event is also added to ``rows``.
    var keepsRows: Bool { rows != nil }

    init(rules: KernelRules, keepsRows: Bool = false) {
        device = DeviceCollector(rules: rules)
        rows = keepsRows ? HolisticRows() : nil
    }

    /// Adds an event. Pointers to its texts are only valid during the call.
    ///
    /// Fields are passed by pointer, since copying them would take longer than reading the event.
    @inline(__always) mutating func add(_ fields: UnsafePointer<EventFields>, _ end: BytePointer? = nil) {
        file.eventCount += 1
        keptEvents += 1
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
        case .kernel, .copy, .fill, .graph: device.add(fields, end, collective: collective)
        case .unknown:
            if fields.pointee.stream != nil, !fields.pointee.hasCategory {
                device.add(fields, end, collective: collective)
            }
        case .runtime:
            host.addProcessName(fields, end)
            host.addCall(fields)
        case .foreignRuntime:
            host.addProcessName(fields, end)
            host.addForeignCall(fields)
        case .operation: host.addMessage(fields, end)
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

    /// Drops the spans whose times cannot be their own, and the work of the device that has no end.
    mutating func dropOutliers() {
        file.droppedEvents += openRanges.deviceCount
        device.dropMisplaced(host.launches)
        recorded.dropOutliers()
    }

    /// The timeline that a run, a plan or a merge wrote; nil if the file is a profiler's trace.
    var recordedTimeline: Timeline? { device.timeline.spans.isEmpty ? recorded.timeline : nil }

    /// The rank that the file states, else the rank in the file's name; nil if neither has one.
    var rank: Int? { members.rank ?? RankTrace.rank(inName: file.path) }
}
