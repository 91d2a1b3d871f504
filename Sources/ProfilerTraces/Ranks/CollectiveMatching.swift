import Dispatch
import Synchronization
import Timelines

/// Finds the same collectives in the traces of several ranks and, by them, how far the clocks are apart.
///
/// Ranks issue the collectives of a group in one order, so the k-th of a name on one rank is the k-th on another. A name
/// that ranks have in different numbers is left out: which of them is missing cannot be told.
struct CollectiveMatching {
    /// How many times of ranks are kept, so that thousands of ranks cost no more than half a gigabyte; names beyond are
    /// left out.
    private static let mostCells = 1 << 24

    private(set) var matches: [CollectiveMatch] = []
    private(set) var clocks: [ClockOffset]
    private(set) var waiting: [RankWaiting]

    /// Matches traces. The clocks of a rank that no collective tells of are those that `others` gives.
    init(_ traces: [RankTrace], clocks others: [ClockOffset]) {
        clocks = others
        waiting = traces.map { RankWaiting(rank: $0.rank) }
        guard traces.count > 1 else { return }
        let found = Mutex([[String: [Range<Int64>]]](repeating: [:], count: traces.count))
        DispatchQueue.concurrentPerform(iterations: traces.count) { index in
            let sequences = Self.sequences(traces[index])
            found.withLock { $0[index] = sequences }
        }
        let sequences = found.withLock { $0 }
        var raw: [CollectiveMatch] = []
        var holders: [String: [Int]] = [:]
        for (rank, sequences) in sequences.enumerated() {
            for name in sequences.keys { holders[name, default: []].append(rank) }
        }
        for (name, ranks) in holders.sorted(by: { $0.key < $1.key }) where ranks.count > 1 {
            let counts = Set(ranks.compactMap { sequences[$0][name]?.count })
            guard counts.count == 1, let count = counts.first, (raw.count + count) * traces.count <= Self.mostCells
            else { continue }
            let named = sequences.map { $0[name] }
            for ordinal in 0..<count {
                raw.append(
                    CollectiveMatch(
                        name: name, ordinal: ordinal, starts: named.map { $0?[ordinal].lowerBound },
                        ends: named.map { $0?[ordinal].upperBound }))
            }
        }
        for rank in traces.indices.dropFirst() where !traces[rank].sharesClock {
            let differences: [Int64] = raw.compactMap { match in
                guard let own = match.ends[rank], let first = match.ends[0] else { return nil }
                return own - first
            }
            if !differences.isEmpty { clocks[rank] = ClockOffset(differences: differences) }
        }
        for index in raw.indices {
            for rank in clocks.indices where clocks[rank].offset != 0 {
                raw[index].starts[rank] = raw[index].starts[rank].map { $0 - clocks[rank].offset }
                raw[index].ends[rank] = raw[index].ends[rank].map { $0 - clocks[rank].offset }
            }
        }
        // Names are in order already, and so are the matches of a name: what starts together stays so.
        let starts = raw.map(\.lastStart)
        matches = raw.indices.sorted { (starts[$0], $0) < (starts[$1], $1) }.map { raw[$0] }
        addWaiting()
    }

    private mutating func addWaiting() {
        for match in matches {
            var kept: Int64 = 0
            let lastStart = match.lastStart
            for rank in waiting.indices {
                guard let start = match.starts[rank], let end = match.ends[rank],
                    let wait = match.wait(ofRankAt: rank, lastStart: lastStart)
                else { continue }
                waiting[rank].waited += wait
                waiting[rank].transferred += end - start - wait
                kept += wait
            }
            if let latest = match.latest, match.skew > 0 {
                waiting[latest].timesLast += 1
                waiting[latest].keptOthers += kept
            }
        }
    }

    /// The collectives of a trace by name, each name's in the order in which they began, in nanoseconds since the
    /// trace's base.
    private static func sequences(_ trace: RankTrace) -> [String: [Range<Int64>]] {
        // A name a label or collective, not a name a span: there are millions of spans.
        let labels = trace.timeline.labels.map { shortKernelName($0.name) }
        let collectives = trace.collectives.map { "\($0.operation) in group \($0.group) \($0.groupRanks)" }
        let isMessage = trace.collectives.map { $0.isSend || $0.isReceive }
        var spans = [[Range<Int64>]](repeating: [], count: labels.count + collectives.count)
        for (index, span) in trace.timeline.spans.enumerated() {
            let kind = trace.kinds[Int(span.label)]
            guard kind.activity == .communication, kind.role == .work else { continue }
            let (start, overflow) = span.start.addingReportingOverflow(trace.baseTime)
            guard !overflow, start.magnitude < 1 << 61 else { continue }
            let collective = Int(trace.collectiveOfSpan[index])
            // Messages are between two ranks, and a rank has as many as it has neighbours.
            if collective >= 0, isMessage[collective] { continue }
            spans[collective >= 0 ? labels.count + collective : Int(span.label)].append(start..<start + span.duration)
        }
        var sequences: [String: [Range<Int64>]] = [:]
        for (name, spans) in zip(labels + collectives, spans) where !spans.isEmpty {
            sequences[name, default: []] += spans
        }
        return sequences.mapValues { $0.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) } }
    }
}
