import Timelines

/// Shares communication, and what of it is exposed, out among its pieces of work.
struct CommunicationShares {
    private let trace: RankTrace
    private let window: Range<Int64>
    private let indices: [Int]
    /// The pieces of communication among them, and what each has of the whole.
    private let pieces: [Int]
    private let time: [Int64]
    private let exposed: [Int64]

    init(_ trace: RankTrace, indices: [Int], window: Range<Int64>, times: ClassTimes) {
        self.trace = trace
        self.window = window
        self.indices = indices
        let spans = trace.timeline.spans
        let isCommunication = trace.kinds.map { $0.activity == .communication || $0.activity == .transfer }
        pieces = indices.filter { isCommunication[Int(spans[$0].label)] }
        let intervals = pieces.map { spans[$0].interval.clamped(to: window) }
        time = times.communication.shares(among: intervals)
        exposed = times.exposed.shares(among: intervals)
    }

    /// The parts by name, by exposed time and then by time.
    func parts(_ name: (Int) -> String) -> [CommunicationPart] {
        var parts: [CommunicationPart] = []
        var places: [String: Int] = [:]
        for (index, piece) in pieces.enumerated() {
            let name = name(piece)
            let place = places[name] ?? parts.count
            if place == parts.count {
                places[name] = place
                parts.append(CommunicationPart(name: name))
            }
            let interval = trace.timeline.spans[piece].interval.clamped(to: window)
            parts[place].count += 1
            parts[place].time += time[index]
            parts[place].exposed += exposed[index]
            parts[place].length += interval.upperBound - interval.lowerBound
            if exposed[index] > parts[place].worstExposed {
                parts[place].worstExposed = exposed[index]
                parts[place].worstStart = interval.lowerBound
            }
        }
        return parts.sorted { ($1.exposed, $1.time, $0.name) < ($0.exposed, $0.time, $1.name) }
    }

    /// The parts by the range that launched them.
    var annotations: [CommunicationPart] {
        guard !trace.annotations.isEmpty else { return [] }
        let launches = pieces.map { trace.launchOfSpan[$0] }
        let launched = pieces.indices.filter { launches[$0] >= 0 }
        let found = AnnotationFinder(trace.annotations).innermost(
            of: launched.map { trace.launches[Int(launches[$0])] })
        var names: [Int: String] = [:]
        for (place, annotation) in zip(launched, found) where annotation >= 0 {
            names[pieces[place]] = trace.annotations[Int(annotation)].name
        }
        return names.isEmpty ? [] : parts { names[$0] ?? "(no range)" }
    }

    /// The parts by process group and operation, with sizes and bandwidth.
    var groups: [CommunicationPart] {
        guard pieces.contains(where: { trace.collectiveOfSpan[$0] >= 0 }) else { return [] }
        var parts = parts { groupName($0) }
        var bytes: [String: (bytes: Int64, moved: Double, isWhole: Bool)] = [:]
        for piece in pieces {
            let place = trace.collectiveOfSpan[piece]
            var sum = bytes[groupName(piece)] ?? (0, 0, true)
            if place >= 0, let size = trace.collectives[Int(place)].bytes,
                let factor = trace.collectives[Int(place)].busFactor
            {
                sum.bytes = sum.bytes.addingReportingOverflow(size).partialValue
                sum.moved += Double(size) * factor
            } else {
                sum.isWhole = false
            }
            bytes[groupName(piece)] = sum
        }
        for index in parts.indices {
            guard let sum = bytes[parts[index].name], sum.isWhole else { continue }
            parts[index].bytes = sum.bytes
            if parts[index].length > 0 { parts[index].busBandwidth = sum.moved / (Double(parts[index].length) / 1e9) }
        }
        return parts
    }

    private func groupName(_ piece: Int) -> String {
        let place = trace.collectiveOfSpan[piece]
        guard place >= 0 else { return "(not said)" }
        let collective = trace.collectives[Int(place)]
        let group =
            collective.groupDescription.isEmpty || collective.groupDescription == "undefined"
            ? collective.group : "\(collective.group) \(collective.groupDescription)"
        return group.isEmpty ? collective.operation : "\(collective.operation) in group \(group)"
    }

    /// All kernels, by time and then by name.
    var kernels: [KernelUse] {
        let labels = trace.timeline.labels
        var uses = labels.indices.map { KernelUse(name: labels[$0].name, kind: trace.kinds[$0]) }
        for index in indices {
            let span = trace.timeline.spans[index]
            let interval = span.interval.clamped(to: window)
            let length = interval.upperBound - interval.lowerBound
            uses[Int(span.label)].count += 1
            uses[Int(span.label)].time += length
            uses[Int(span.label)].longest = max(uses[Int(span.label)].longest, length)
        }
        for (piece, exposed) in zip(pieces, exposed) {
            uses[Int(trace.timeline.spans[piece].label)].exposed += exposed
        }
        return uses.filter { $0.count > 0 }.sorted { ($1.time, $0.name) < ($0.time, $1.name) }
    }
}
