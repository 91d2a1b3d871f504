import Algorithms
import OrderedCollections
import Timelines

/// The time of communication, and the exposed part of that time, by several keys of the operations.
///
/// The time of a part is the union of the part's operations. Operations of several parts may run at the same time, so that
/// the parts may sum to more than the time of all communication.
struct CommunicationParts {
    private let trace: RankTrace
    private let window: Range<Int64>
    private let indices: [Int]
    /// The indices of the spans that are communication, by start.
    private let pieces: [Int]
    /// The times at which communication is exposed.
    private let exposed: IntervalSet
    /// For each operation, its exposed time.
    private let exposedTimes: [Int64]

    init(_ trace: RankTrace, indices: [Int], window: Range<Int64>, times: ClassTimes) {
        self.trace = trace
        self.window = window
        self.indices = indices
        let spans = trace.timeline.spans
        let isCommunication = trace.kinds.map { $0.activity == .communication || $0.activity == .transfer }
        var pieces = indices.filter { isCommunication[Int(spans[$0].event)] }
        if !pieces.adjacentPairs().allSatisfy({ spans[$0].start <= spans[$1].start }) {
            pieces.sort { (spans[$0].start, $0) < (spans[$1].start, $1) }
        }
        self.pieces = pieces
        exposed = times.exposed
        exposedTimes = times.exposed.lengths(within: pieces.map { spans[$0].interval.clamped(to: window) })
    }

    /// The parts by kernel family.
    var families: [CommunicationPart] {
        let events = pieces.map { trace.timeline.spans[$0].event }
        return parts(events, of: trace.kinds.count) { trace.kinds[$0].family }
    }

    /// The parts by stream.
    var streams: [CommunicationPart] {
        let lanes = pieces.map { trace.timeline.spans[$0].lane }
        return parts(lanes, of: trace.timeline.lanes.count) { trace.timeline.lanes[$0].name }
    }

    /// The parts by name, ordered by exposed time and then by time.
    ///
    /// `keys` has a number below `count`, or -1, for each operation. `name` is called once per number, not once per
    /// operation.
    private func parts(_ keys: [Int32], of count: Int, name: (Int) -> String) -> [CommunicationPart] {
        var parts: [CommunicationPart] = []
        // The end of the last operation of each part.
        var ends: [Int64] = []
        var partOfKey = [Int](repeating: -1, count: count + 1)
        var partOfName: [String: Int] = [:]
        for (index, piece) in pieces.enumerated() {
            let key = Int(keys[index])
            if partOfKey[key + 1] < 0 {
                let name = name(key)
                partOfKey[key + 1] = partOfName[name] ?? parts.count
                if partOfKey[key + 1] == parts.count {
                    partOfName[name] = parts.count
                    parts.append(CommunicationPart(name: name))
                    ends.append(.min)
                }
            }
            let part = partOfKey[key + 1]
            let interval = trace.timeline.spans[piece].interval.clamped(to: window)
            parts[part].count += 1
            parts[part].length += interval.upperBound - interval.lowerBound
            if exposedTimes[index] > parts[part].worstExposed {
                parts[part].worstExposed = exposedTimes[index]
                parts[part].worstStart = interval.lowerBound
            }
            // The time that the part's earlier operations do not cover.
            guard interval.upperBound > ends[part] else { continue }
            let start = max(interval.lowerBound, ends[part])
            parts[part].time += interval.upperBound - start
            parts[part].exposed +=
                start == interval.lowerBound
                ? exposedTimes[index] : exposed.lengths(within: [start..<interval.upperBound])[0]
            ends[part] = interval.upperBound
        }
        return parts.sorted { ($1.exposed, $1.time, $0.name) < ($0.exposed, $0.time, $1.name) }
    }

    /// The parts by the range in which they were launched; empty if the trace has no ranges or no launches in them.
    var annotations: [CommunicationPart] {
        guard !trace.annotations.isEmpty else { return [] }
        let launches = pieces.map { trace.launchOfSpan[$0] }
        let launched = pieces.indices.filter { launches[$0] >= 0 }
        let found = AnnotationFinder(trace.annotations).innermost(
            of: launched.map { trace.launches[Int(launches[$0])] })
        var ranges = [Int32](repeating: -1, count: pieces.count)
        for (piece, annotation) in zip(launched, found) { ranges[piece] = annotation }
        guard ranges.contains(where: { $0 >= 0 }) else { return [] }
        return parts(ranges, of: trace.annotations.count) { $0 < 0 ? "(no range)" : trace.annotations[$0].name }
    }

    /// The parts by process group and operation, with sizes and bandwidth; empty if the trace names no collective.
    var groups: [CommunicationPart] {
        let collectives = pieces.map { trace.collectiveOfSpan[$0] }
        guard collectives.contains(where: { $0 >= 0 }) else { return [] }
        var parts = parts(collectives, of: trace.collectives.count, name: groupName)
        let names = trace.collectives.indices.map(groupName)
        var bytes: [String: (bytes: Int64, moved: Double, isWhole: Bool)] = [:]
        for index in collectives where index >= 0 {
            let collective = trace.collectives[Int(index)]
            var sum = bytes[names[Int(index)]] ?? (0, 0, true)
            if let size = collective.bytes, let factor = collective.busFactor {
                sum.bytes = sum.bytes.addingReportingOverflow(size).partialValue
                sum.moved += Double(size) * factor
            } else {
                sum.isWhole = false
            }
            bytes[names[Int(index)]] = sum
        }
        for index in parts.indices {
            guard let sum = bytes[parts[index].name], sum.isWhole else { continue }
            parts[index].bytes = sum.bytes
            if parts[index].length > 0 { parts[index].busBandwidth = sum.moved / (Double(parts[index].length) / 1e9) }
        }
        return parts
    }

    /// The name of a group's part, by the index of one of its collectives; -1 stands for kernels that name no
    /// collective.
    private func groupName(_ index: Int) -> String {
        guard index >= 0 else { return "(unknown group)" }
        let collective = trace.collectives[index]
        let group =
            collective.groupDescription.isEmpty || collective.groupDescription == "undefined"
            ? collective.group : "\(collective.group) \(collective.groupDescription)"
        return group.isEmpty ? collective.operation : "\(collective.operation) in group \(group)"
    }

    /// All kernels, ordered by time and then by name.
    var kernels: [KernelUse] {
        // The events of several micro-batches or stages share a name, and count as one kernel.
        let keys = zip(trace.timeline.events, trace.kinds).map { KernelUse(name: $0.name, kind: $1) }
        var uses: OrderedSet<KernelUse> = []
        let useOfEvent = keys.map { uses.append($0).index }
        var sums = Array(uses)
        for index in indices {
            let span = trace.timeline.spans[index]
            let interval = span.interval.clamped(to: window)
            let length = interval.upperBound - interval.lowerBound
            let use = useOfEvent[Int(span.event)]
            sums[use].count += 1
            sums[use].time += length
            sums[use].longest = max(sums[use].longest, length)
        }
        for (piece, exposed) in zip(pieces, exposedTimes) {
            sums[useOfEvent[Int(trace.timeline.spans[piece].event)]].exposed += exposed
        }
        return sums.filter { $0.count > 0 }.sorted { ($1.time, $0.name) < ($0.time, $1.name) }
    }
}
