import Timelines

/// Keeps the device's work: kernels, copies and fills by stream.
struct DeviceCollector {
    private(set) var timeline = Timeline()
    /// The kind of each of the timeline's events.
    private(set) var kinds: [KernelKind] = []
    /// For each span, the index of its collective; -1 if it has none.
    private(set) var collectiveOfSpan: [Int32] = []
    private(set) var collectives = CollectiveTable()
    /// For each span, its correlation with the call that started it; ``noCorrelation`` if it has none.
    private(set) var correlations: [UInt32] = []
    private(set) var droppedEvents = 0

    private let rules: KernelRules
    private var names = NameTable()
    /// For each name, an event per category; -1 if there is none yet.
    private var eventsOfName: [(kernel: Int32, copy: Int32, fill: Int32)] = []
    private var lanes: [Lane: Int32] = [:]
    /// The lanes of the first streams, which a search through them finds sooner than a hash does.
    private var firstLanes: [(key: Lane, index: Int32)] = []
    private var devices: Set<Int64> = []

    static let noCorrelation = UInt32.max

    private struct Lane: Hashable {
        var device: Int64
        var stream: Int64
    }

    init(rules: KernelRules) {
        self.rules = rules
    }

    /// Keeps a piece of work. `collective` is the index of its collective, -1 if its arguments are still to be asked.
    mutating func add(_ fields: UnsafePointer<EventFields>, _ end: BytePointer?, collective known: Int32) {
        guard let start = fields.pointee.time, let duration = fields.pointee.duration, duration >= 0,
            fields.pointee.hasName, start.magnitude < 1 << 61, duration < 1 << 60
        else {
            droppedEvents += 1
            return
        }
        let event = event(fields.pointee.name, fields.pointee.category)
        var collective = known
        if collective < 0, kinds[Int(event)].activity == .communication {
            collective = self.collective(of: fields, end)
        }
        let device = fields.pointee.device ?? fields.pointee.process
        let stream = fields.pointee.stream ?? fields.pointee.thread
        timeline.append(TimeSpan(start: start, duration: duration, lane: lane(device, stream), event: event))
        correlations.append(fields.pointee.correlation.map { UInt32(truncatingIfNeeded: $0) } ?? Self.noCorrelation)
        collectiveOfSpan.append(collective)
    }

    /// The index of the collective that an event's arguments name; -1 if they name none.
    mutating func collective(of fields: UnsafePointer<EventFields>, _ end: BytePointer?) -> Int32 {
        guard let arguments = fields.pointee.arguments, let end else { return -1 }
        return collectives.index(ofArguments: arguments, end)
    }

    /// The timeline with lanes of a rank. A lane's name has the device if there are several.
    func timeline(ofRank rank: Int) -> Timeline {
        var result = timeline
        result.renameLanes { lane in
            let words = lane.name.split(separator: " ")
            return TimelineLane(rank: rank, name: words.suffix(devices.count <= 1 ? 2 : 4).joined(separator: " "))
        }
        return result
    }

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
        let event = timeline.index(of: .kernel(text, kind.activity))
        if Int(event) == kinds.count { kinds.append(kind) }
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
        let index = timeline.index(of: TimelineLane(rank: 0, name: "device \(device) stream \(stream)"))
        lanes[key] = index
        if firstLanes.count < 8 { firstLanes.append((key, index)) }
        devices.insert(device)
        return index
    }
}
