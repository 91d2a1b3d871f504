import Algorithms
import Timelines

/// Exchanges that were under way while no kernel of theirs ran: DeepEP's low-latency dispatch and combine, whose first
/// half sends and whose second half, which a hook launches later, receives. All times are nanoseconds.
///
/// What lies between the halves is no kernel's time and so no part of the communication that is measured elsewhere.
public struct InFlightExchanges: Hashable, Sendable {
    /// `low-latency dispatch` or `low-latency combine`.
    public var name: String
    /// How many exchanges there were.
    public var count: Int
    /// The time in which at least one was between its halves.
    public var time: Int64
    /// The part of it in which computation ran.
    public var hidden: Int64

    /// The hidden part, 0 to 1; nil where there is no time in between.
    public var hiddenShare: Double? { TimeBreakdown.hiddenShare(hidden, of: time) }

    private static let operations = ["dispatch", "combine"]

    /// The index of the operation of which a kernel is a half or the whole, by its name.
    private static func operation(_ name: String) -> Int? {
        let name = KernelName(name)
        guard name.contains("_ll::") || name.contains("low_latency"), !name.contains("clean_low_latency") else {
            return nil
        }
        return operations.firstIndex(where: name.contains)
    }

    /// The exchanges among the pieces of work at `indices`; none where kernels run whole. O(n log n).
    ///
    /// Both halves have one name. Whole dispatches and combines alternate; two of one kind without one of the other
    /// between them are a send and its receive, and then all of them are halves, each with the next of its kind.
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
