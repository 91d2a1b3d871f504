import Timelines

extension RunAnalysis {
    /// Communication by kernel family, summed over ranks and ordered by exposed time.
    public var families: [CommunicationPart] { Self.sums(ranks.map(\.families)) }
    /// Communication by stream, summed over ranks.
    public var streams: [CommunicationPart] { Self.sums(ranks.map(\.streams)) }
    /// Communication by process group and operation, summed over ranks.
    public var groups: [CommunicationPart] { Self.sums(ranks.map(\.groups)) }
    /// Communication by the range in which it was launched, summed over ranks.
    public var annotations: [CommunicationPart] { Self.sums(ranks.map(\.annotations)) }

    /// Kernels, summed over ranks, the longest first.
    public var kernels: [KernelUse] {
        // The key is a use with a count of 0, which has only a name and a kind.
        var sums: [KernelUse: KernelUse] = [:]
        for use in ranks.flatMap(\.kernels) {
            let key = KernelUse(name: use.name, kind: use.kind)
            var sum = sums[key] ?? key
            sum.count += use.count
            sum.time += use.time
            sum.exposed += use.exposed
            sum.longest = max(sum.longest, use.longest)
            sums[key] = sum
        }
        return sums.values.sorted {
            ($1.time, $0.name, $0.kind.activity.rawValue) < ($0.time, $1.name, $1.kind.activity.rawValue)
        }
    }

    /// The profiler's steps, summed over ranks, by number.
    public var steps: [StepAnalysis] {
        var sums: [Int: TimeBreakdown] = [:]
        for step in ranks.flatMap(\.steps) {
            sums[step.number] = (sums[step.number] ?? TimeBreakdown()) + step.breakdown
        }
        return sums.sorted { $0.key < $1.key }.map { StepAnalysis(number: $0.key, breakdown: $0.value) }
    }

    /// The sums of the parts with the same name.
    private static func sums(_ ranks: [[CommunicationPart]]) -> [CommunicationPart] {
        guard ranks.count != 1 else { return ranks[0] }
        var sums: [String: CommunicationPart] = [:]
        for part in ranks.joined() {
            guard var sum = sums[part.name] else {
                sums[part.name] = part
                continue
            }
            if let left = sum.busBandwidth, let right = part.busBandwidth, sum.length + part.length > 0 {
                sum.busBandwidth =
                    (left * Double(sum.length) + right * Double(part.length)) / Double(sum.length + part.length)
            } else {
                sum.busBandwidth = nil
            }
            sum.bytes = sum.bytes.flatMap { left in part.bytes.map { left.addingReportingOverflow($0).partialValue } }
            sum.count += part.count
            sum.time += part.time
            sum.exposed += part.exposed
            sum.length += part.length
            if part.worstExposed > sum.worstExposed {
                sum.worstExposed = part.worstExposed
                sum.worstStart = part.worstStart
            }
            sums[part.name] = sum
        }
        return sums.values.sorted { ($1.exposed, $1.time, $0.name) < ($0.exposed, $0.time, $1.name) }
    }
}
