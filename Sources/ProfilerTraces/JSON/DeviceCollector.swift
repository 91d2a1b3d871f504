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
    /// The number of events without a duration that were dropped.
    private(set) var emptyEvents = 0

    private let rules: KernelRules
    /// The error of the first expression that took too long. The kernels after it are not classified.
    private(set) var ruleError: KernelRuleError?
    private var names = NameTable()
    /// For each name, four indices of events, one per category of the device's work; -1 if there is no event yet.
    private var eventsOfName: [Int32] = []
    /// The streams of the timeline's lanes, in the timeline's order.
    private var streams = KeyTable<StreamKey>()
    /// The texts of the processes that are not numbers.
    private(set) var processNames: [Int64: String] = [:]
    private var zeroDurations = 0

    private var limits = TimeLimits()

    static let noCorrelation = UInt32.max

    init(rules: KernelRules) { self.rules = rules }

    /// Adds one kernel, copy or fill. `collective` is the index of its collective; -1 if the arguments have not been
    /// read for one yet.
    mutating func add(_ fields: UnsafePointer<EventFields>, _ end: BytePointer?, collective known: Int32) {
        guard let start = fields.pointee.time, let duration = fields.pointee.duration, fields.pointee.hasName,
            duration <= TimeLimits.longestKernel, limits.admit(start: start, duration: duration)
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
        if duration == 0 { zeroDurations += 1 }
        timeline.append(TimeSpan(start: start, duration: duration, lane: lane(fields, end), event: event))
        correlations.append(fields.pointee.correlation.map { UInt32(truncatingIfNeeded: $0) } ?? Self.noCorrelation)
        collectiveOfSpan.append(collective)
    }

    /// Drops the spans without a duration and those whose start is not their own: far from all others, or 0 although the
    /// launch, of which `launches` has the starts by correlation number, came later.
    mutating func dropMisplaced(_ launches: [KernelLaunch]) {
        let spans = timeline.spans
        let near = TimeLimits.indicesNearMedian(spans)
        let startsAtZero = spans.contains { $0.start <= 0 }
        guard zeroDurations > 0 || startsAtZero || near != nil else { return }
        let misplaced = startsAtZero ? misplacedZeros(launches) : []
        var placed = near ?? Array(spans.indices)
        if !misplaced.isEmpty { placed.removeAll(where: misplaced.contains) }
        let kept = placed.filter { spans[$0].duration > 0 }
        droppedEvents += spans.count - placed.count
        emptyEvents = placed.count - kept.count
        guard kept.count < spans.count else { return }
        timeline.replaceSpans(kept.map { spans[$0] })
        collectiveOfSpan = kept.map { collectiveOfSpan[$0] }
        correlations = kept.map { correlations[$0] }
    }

    /// Those of the spans that start at 0 or before which were launched after their end, or which the next span follows
    /// after more than a minute.
    private func misplacedZeros(_ launches: [KernelLaunch]) -> Set<Int> {
        let spans = timeline.spans
        let zeros = spans.indices.filter { spans[$0].start <= 0 }
        guard let next = spans.lazy.filter({ $0.start > 0 }).map(\.start).min() else { return [] }
        let numbers = Set(zeros.map { correlations[$0] }).subtracting([Self.noCorrelation])
        let starts = Dictionary(
            launches.lazy.filter { numbers.contains($0.correlation) }.map { ($0.correlation, $0.start) },
            uniquingKeysWith: min)
        return Set(
            zeros.filter { index in
                next - spans[index].end > TimeLimits.longestGapFromZero
                    || starts[correlations[index]].map { $0 >= spans[index].end && $0 > 0 } ?? false
            })
    }

    /// The index of the collective that an event's arguments name; -1 if they name none.
    mutating func collective(of fields: UnsafePointer<EventFields>, _ end: BytePointer?) -> Int32 {
        guard let arguments = fields.pointee.arguments, let end, let collective = Collective(arguments: arguments, end)
        else { return -1 }
        return Int32(collectives.append(collective).index)
    }

    /// The number of streams.
    var streamCount: Int { streams.keys.count }

    /// The size of all distinct names.
    var nameBytes: Int { names.byteCount }

    /// The number of devices.
    var deviceCount: Int { Set(streams.keys.devices).count }

    /// The work of each device.
    var devices: [DeviceWork] {
        let devices = streams.keys.devices
        var whole = DeviceWork(
            key: devices.first ?? DeviceKey(process: 0, device: 0), timeline: timeline, correlations: correlations,
            collectiveOfSpan: collectiveOfSpan)
        whole.joinLanes(zip(devices, streams.keys).map { [$0.process, $0.device, $1.stream] })
        let distinct = OrderedSet(devices)
        guard distinct.count > 1 else {
            whole.timeline.removeUnusedLanes()
            return [whole]
        }
        return distinct.map { device in whole.part(device, lanes: devices.map { $0 == device }) }
            .filter { !$0.timeline.spans.isEmpty }.sorted { isBefore($0.key, $1.key) }
    }

    /// Whether a device comes before another: by process and then by number.
    private func isBefore(_ first: DeviceKey, _ second: DeviceKey) -> Bool {
        let names = (processNames[first.process], processNames[second.process])
        if let left = names.0, let right = names.1, left != right { return left < right }
        return (first.process, first.device) < (second.process, second.device)
    }

    @inline(__always)
    private mutating func event(_ name: UnsafeBufferPointer<UInt8>, _ category: EventCategory) -> Int32 {
        let (index, isNew) = names.index(of: name)
        if isNew { eventsOfName += [-1, -1, -1, -1] }
        let slot = 4 * Int(index) + Int(category.isDevice ? category.rawValue : 0)
        return eventsOfName[slot] >= 0 ? eventsOfName[slot] : addEvent(index, category, slot)
    }

    private mutating func addEvent(_ name: Int32, _ category: EventCategory, _ slot: Int) -> Int32 {
        let text = names.text(name)
        var kind = KernelKind(activity: .unknown)
        if category != .graph, ruleError == nil {
            do throws(KernelRuleError) {
                kind = try rules.kind(of: text, isCopy: category == .copy || category == .fill)
            } catch {
                ruleError = error
            }
        }
        eventsOfName[slot] = timeline.index(of: .kernel(text, kind.activity))
        if Int(eventsOfName[slot]) == kinds.count { kinds.append(kind) }
        return eventsOfName[slot]
    }

    @inline(__always)
    private mutating func lane(_ fields: UnsafePointer<EventFields>, _ end: BytePointer?) -> Int32 {
        let stream = fields.pointee.stream ?? fields.pointee.thread
        let key = StreamKey(
            process: fields.pointee.process, device: fields.pointee.device ?? StreamKey.noDevice, stream: stream)
        let index = streams.index(of: key)
        return Int(index) == timeline.lanes.count ? addLane(key, fields.pointee.processName(end)) : index
    }

    private mutating func addLane(_ key: StreamKey, _ processName: String?) -> Int32 {
        if let processName { processNames[key.process] = processName }
        // Streams of several devices may have the same number, so the name has the index of the lane until devices are
        // told apart.
        return timeline.index(of: TimelineLane(rank: timeline.lanes.count, name: "stream \(key.stream)"))
    }
}
