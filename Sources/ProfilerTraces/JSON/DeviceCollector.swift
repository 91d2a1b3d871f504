import OrderedCollections
import Timelines

/// Collects the device's work: kernels, copies and fills, by stream.
struct DeviceCollector {
    private(set) var timeline = Timeline()
    /// The kind of each of the timeline's events.
    private(set) var kinds: [KernelKind] = []
    /// For each span, the index of its collective; -1 if it has none.
    private(set) var collectiveOfSpan: [Int32] = []
    /// The distinct collectives that kernels name in their arguments.
    private(set) var collectives: OrderedSet<Collective> = []
    /// For each span, the correlation number that it shares with the call that launched it; ``noCorrelation`` if it has
    /// none.
    private(set) var correlations: [UInt32] = []
    private(set) var droppedEvents = 0

    private let rules: KernelRules
    private var names = NameTable()
    /// For each name, three indices of events, one per category of the device's work; -1 if there is no event yet.
    private var eventsOfName: [Int32] = []
    /// The devices and streams of the timeline's lanes, in the timeline's order.
    private var lanes = ThreadTable()

    private var limits = TimeLimits()

    static let noCorrelation = UInt32.max

    init(rules: KernelRules) { self.rules = rules }

    /// Adds one kernel, copy or fill. `collective` is the index of its collective; -1 if the arguments have not been
    /// read for one yet.
    mutating func add(_ fields: UnsafePointer<EventFields>, _ end: BytePointer?, collective known: Int32) {
        guard let start = fields.pointee.time, let duration = fields.pointee.duration, fields.pointee.hasName,
            limits.admit(start: start, duration: duration)
        else {
            droppedEvents += 1
            return
        }
        let knownKinds = kinds.count
        let event = event(fields.pointee.name, fields.pointee.category)
        var collective = known
        // The first kernel of each name tells whether kernels that no rule knows belong to collectives.
        if collective < 0, kinds[Int(event)].activity == .communication || kinds.count > knownKinds {
            collective = self.collective(of: fields, end)
        }
        let device = fields.pointee.device ?? fields.pointee.process
        let stream = fields.pointee.stream ?? fields.pointee.thread
        timeline.append(TimeSpan(start: start, duration: duration, lane: lane(device, stream), event: event))
        correlations.append(fields.pointee.correlation.map { UInt32(truncatingIfNeeded: $0) } ?? Self.noCorrelation)
        collectiveOfSpan.append(collective)
    }

    /// Drops the spans that start far from all others.
    mutating func dropOutliers() {
        let spans = timeline.spans
        guard let kept = TimeLimits.indicesNearMedian(spans) else { return }
        droppedEvents += spans.count - kept.count
        timeline.removeAllSpans()
        for index in kept { timeline.append(spans[index]) }
        collectiveOfSpan = kept.map { collectiveOfSpan[$0] }
        correlations = kept.map { correlations[$0] }
    }

    /// The index of the collective that an event's arguments name; -1 if they name none.
    mutating func collective(of fields: UnsafePointer<EventFields>, _ end: BytePointer?) -> Int32 {
        guard let arguments = fields.pointee.arguments, let end, let collective = Collective(arguments: arguments, end)
        else { return -1 }
        return Int32(collectives.append(collective).index)
    }

    /// The timeline with its lanes assigned to `rank`. A lane's name includes the device if there are several devices.
    func timeline(ofRank rank: Int) -> Timeline {
        var result = timeline
        let hasOneDevice = Set(lanes.keys.map(\.process)).count <= 1
        result.renameLanes { lane in
            let words = lane.name.split(separator: " ")
            return TimelineLane(rank: rank, name: words.suffix(hasOneDevice ? 2 : 4).joined(separator: " "))
        }
        return result
    }

    @inline(__always)
    private mutating func event(_ name: UnsafeBufferPointer<UInt8>, _ category: EventCategory) -> Int32 {
        let (index, isNew) = names.index(of: name)
        if isNew { eventsOfName += [-1, -1, -1] }
        let slot = 3 * Int(index) + Int(category.isDevice ? category.rawValue : 0)
        return eventsOfName[slot] >= 0 ? eventsOfName[slot] : addEvent(index, category, slot)
    }

    private mutating func addEvent(_ name: Int32, _ category: EventCategory, _ slot: Int) -> Int32 {
        let text = names.text(name)
        let kind = rules.kind(of: text, isCopy: category == .copy || category == .fill)
        eventsOfName[slot] = timeline.index(of: .kernel(text, kind.activity))
        if Int(eventsOfName[slot]) == kinds.count { kinds.append(kind) }
        return eventsOfName[slot]
    }

    @inline(__always) private mutating func lane(_ device: Int64, _ stream: Int64) -> Int32 {
        let index = lanes.index(of: ThreadKey(process: device, thread: stream))
        guard Int(index) == timeline.lanes.count else { return index }
        return timeline.index(of: TimelineLane(rank: 0, name: "device \(device) stream \(stream)"))
    }
}
