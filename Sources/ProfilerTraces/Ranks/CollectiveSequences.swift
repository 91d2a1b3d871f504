import Timelines

/// The collectives of one rank's trace, by what is known about their order on other ranks.
struct CollectiveSequences {
    /// The collectives among which a collective has its partner on another rank.
    struct Key: Hashable {
        /// The operation and process group, or the name of kernels that name no group.
        var name: String
        /// The group's ranks, as written in the trace; empty if it does not say.
        var groupRanks = ""
        /// Whether the collectives have sequence numbers on all ranks.
        var isNumbered = false
    }

    /// A collective as it ran on the rank.
    struct Item {
        /// The sequence number or, without one, the number of the operation and shape among those of all ranks.
        /// Collectives with different labels are no partners.
        var label: Int64
        /// The interval in nanoseconds since 1970 on the rank's clock, or on the trace's own clock if the trace does
        /// not state its origin.
        var interval: Range<Int64>
    }

    /// The collectives by key, in the order of their starts.
    private(set) var items: [Key: [Item]] = [:]

    /// Collects the collectives of a trace without those at `messages`, the indices of spans that send or receive.
    init(_ trace: RankTrace, labels: CollectiveLabels, messages: Set<Int>) {
        // Keys are made once per event or collective, not once per span, since there may be millions of spans.
        let kernels = trace.timeline.events.map { labels.kernel($0.name) }
        let keys = kernels + trace.collectives.map(labels.collective)
        let isMessage = trace.collectives.map { $0.isSend || $0.isReceive }
        var itemsOfKey = [[Item]](repeating: [], count: keys.count)
        for (index, span) in trace.timeline.spans.enumerated() {
            let kind = trace.kinds[Int(span.event)]
            guard kind.activity == .communication, kind.role == .work else { continue }
            let (start, overflow) = span.start.addingReportingOverflow(trace.baseTime)
            guard !overflow, start.magnitude < 1 << 61 else { continue }
            let collective = Int(trace.collectiveOfSpan[index])
            // Messages are between two ranks, and their number differs from rank to rank.
            if collective >= 0 && isMessage[collective] || messages.contains(index) { continue }
            let key = collective >= 0 ? kernels.count + collective : Int(span.event)
            itemsOfKey[key].append(Item(label: keys[key].label, interval: start..<start + span.duration))
        }
        for (key, added) in zip(keys, itemsOfKey) where !added.isEmpty { items[key.key, default: []] += added }
        for key in items.keys {
            items[key]?.sort {
                ($0.interval.lowerBound, $0.interval.upperBound) < ($1.interval.lowerBound, $1.interval.upperBound)
            }
        }
    }
}
