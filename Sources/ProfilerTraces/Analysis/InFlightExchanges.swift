import Algorithms
import Timelines

/// Exchanges in flight between their two kernels: DeepEP's low-latency dispatch and combine. The first kernel sends;
/// the second, which a hook launches later, receives. All times are nanoseconds.
///
/// No kernel runs between the two, so this time is not part of the communication that is measured from kernels.
public struct InFlightExchanges: Hashable, Sendable {
    /// The name: `low-latency dispatch` or `low-latency combine`.
    public var name: String
    /// The number of exchanges.
    public var count: Int
    /// The time in which at least one exchange was between its two kernels.
    public var time: Int64
    /// The part of ``time`` in which computation ran.
    public var hidden: Int64

    /// The hidden share of ``time``, 0 to 1; nil if ``time`` is 0.
    public var hiddenShare: Double? { TimeBreakdown.hiddenShare(hidden, of: time) }

    private static let operations = ["dispatch", "combine"]

    /// The index of the operation that a kernel belongs to, by the kernel's name; nil if it belongs to none.
    private static func operation(_ name: String) -> Int? {
        let name = KernelName(name)
        guard name.contains("_ll::") || name.contains("low_latency"), !name.contains("clean_low_latency") else {
            return nil
        }
        return operations.firstIndex { name.contains($0) }
    }

    /// Finds the exchanges among the spans at `indices`; none if each exchange is one kernel. O(n log n).
    ///
    /// The sending and the receiving kernel have the same name. If each exchange is one kernel, dispatches and combines
    /// alternate. If any two successive kernels are of the same operation, all kernels are taken as halves, and each is
    /// paired with the next kernel of its operation.
    static func find(_ trace: RankTrace, indices: [Int], times: ClassTimes, window: Range<Int64>) -> [InFlightExchanges]
    {
        let operations = trace.timeline.events.map { operation($0.name) }
        guard operations.contains(where: { $0 != nil }) else { return [] }
        let spans = trace.timeline.spans
        let pieces = indices.filter { operations[Int(spans[$0].event)] != nil }
            .sorted { (spans[$0].start, $0) < (spans[$1].start, $1) }
        let kinds = pieces.map { operations[Int(spans[$0].event)] }
        guard kinds.adjacentPairs().contains(where: ==) else { return [] }
        return Self.operations.indices.compactMap { operation in
            let own = zip(pieces, kinds).filter { $1 == operation }.map { spans[$0.0].interval }
            let between = own.chunks(ofCount: 2).compactMap { halves -> Range<Int64>? in
                guard halves.count == 2, let send = halves.first, let receive = halves.last else { return nil }
                return (send.upperBound..<max(send.upperBound, receive.lowerBound)).clamped(to: window)
            }
            guard !between.isEmpty else { return nil }
            let set = IntervalSet(between)
            return InFlightExchanges(
                name: "low-latency \(Self.operations[operation])", count: between.count, time: set.length,
                hidden: set.intersection(times.compute).length)
        }
    }
}
