import Algorithms
import Timelines

/// Matches the collectives in the traces of several ranks and estimates the offsets between the ranks' clocks from
/// them.
///
/// Ranks issue the collectives of a group in the same order, so the k-th collective of a name on one rank is the k-th
/// on another. A name that occurs a different number of times on different ranks is dropped, since it is not known
/// which collective is missing.
struct CollectiveMatching {
    /// The largest number of matched collectives multiplied by ranks. It limits the memory for thousands of ranks to
    /// half a gigabyte. Names beyond the limit are dropped.
    private static let maximumTimes = 1 << 24

    private(set) var matches: [CollectiveMatch] = []
    private(set) var clocks: [ClockOffset]
    private(set) var waiting: [RankWaiting]

    /// The intervals of a rank's collectives by name, in the order of their starts.
    private typealias Sequences = [String: [Range<Int64>]]
    /// A name that occurs on two or more ranks, and the number of times that it occurs on each of them.
    private typealias SharedName = (name: String, count: Int)

    /// Matches the collectives of traces. A rank that shares no collective with the first rank gets its offset from
    /// `others`.
    init(_ traces: [RankTrace], clocks others: [ClockOffset]) {
        clocks = others
        waiting = traces.map { RankWaiting(rank: $0.rank) }
        guard traces.count > 1 else { return }
        let sequences = inParallel(traces.count) { Self.sequences(traces[$0]) }
        let names = Self.sharedNames(sequences)
        clocks = inParallel(traces.count) { rank in
            if rank == 0 || traces[rank].sharesClock { return others[rank] }
            return Self.clock(sequences[rank], against: sequences[0], names) ?? others[rank]
        }
        matches = Self.matches(sequences, names, offsets: clocks.map(\.offset))
        addWaiting()
    }

    /// The names that occur on two or more ranks and equally often on each of them, in alphabetical order.
    private static func sharedNames(_ sequences: [Sequences]) -> [SharedName] {
        var ranksOfName: [String: [Int]] = [:]
        for (rank, sequences) in sequences.enumerated() {
            for name in sequences.keys { ranksOfName[name, default: []].append(rank) }
        }
        var times = 0
        return ranksOfName.sorted { $0.key < $1.key }.compactMap { name, ranks in
            let counts = Set(ranks.compactMap { sequences[$0][name]?.count })
            guard ranks.count > 1, counts.count == 1, let count = counts.first,
                times + count * sequences.count <= maximumTimes
            else { return nil }
            times += count * sequences.count
            return (name, count)
        }
    }

    /// The offset of a rank from the ends of the collectives that it shares with the first rank; nil if it shares none.
    private static func clock(_ own: Sequences, against first: Sequences, _ names: [SharedName]) -> ClockOffset? {
        var differences: [Int64] = []
        for (name, _) in names {
            guard let own = own[name], let first = first[name] else { continue }
            differences += zip(own, first).map { $0.upperBound - $1.upperBound }
        }
        return differences.isEmpty ? nil : ClockOffset(differences: differences)
    }

    /// The matches, ordered by the start of the last rank. They are made in parallel on all cores.
    private static func matches(
        _ sequences: [Sequences], _ names: [SharedName], offsets: [Int64]
    ) -> [CollectiveMatch] {
        let pieces = names.flatMap { name, count in
            (0..<count).chunks(ofCount: 4096).map { (name: name, ordinals: $0) }
        }
        let matches = inParallel(pieces.count) { piece -> [CollectiveMatch] in
            let (name, ordinals) = pieces[piece]
            let named = zip(sequences, offsets).map { ($0[name], $1) }
            return ordinals.map { ordinal in
                CollectiveMatch(
                    name: name, ordinal: ordinal,
                    starts: named.map { times, offset in times.map { $0[ordinal].lowerBound - offset } },
                    ends: named.map { times, offset in times.map { $0[ordinal].upperBound - offset } })
            }
        }.flatMap(\.self)
        // Names and the matches of a name are already in order; ties of the start keep that order.
        let starts = matches.map(\.lastStart)
        if starts.adjacentPairs().allSatisfy(<=) { return matches }
        return matches.indices.sorted { (starts[$0], $0) < (starts[$1], $1) }.map { matches[$0] }
    }

    /// Adds the waiting in all matches to the ranks that waited and to those that they waited for.
    private mutating func addWaiting() {
        for match in matches {
            var caused: Int64 = 0
            let lastStart = match.lastStart
            for rank in waiting.indices {
                guard let start = match.starts[rank], let end = match.ends[rank] else { continue }
                // The time that the rank waited for the last rank.
                let wait = min(end, lastStart) - start
                waiting[rank].waited += wait
                waiting[rank].transferred += end - start - wait
                caused += wait
            }
            if let latest = match.latest, match.skew > 0 {
                waiting[latest].stragglerCount += 1
                waiting[latest].causedWait += caused
            }
        }
    }

    /// The collectives of a trace by name, in the order of their starts. Times are nanoseconds since 1970 on the rank's
    /// clock, or on the trace's own clock if it does not state its origin.
    private static func sequences(_ trace: RankTrace) -> [String: [Range<Int64>]] {
        // Names are made once per event or collective, not once per span, since there may be millions of spans.
        let names = trace.timeline.events.map { shortKernelName($0.name) }
        let collectives = trace.collectives.map { "\($0.operation) in group \($0.group) \($0.groupRanks)" }
        let isMessage = trace.collectives.map { $0.isSend || $0.isReceive }
        var spans = [[Range<Int64>]](repeating: [], count: names.count + collectives.count)
        for (index, span) in trace.timeline.spans.enumerated() {
            let kind = trace.kinds[Int(span.event)]
            guard kind.activity == .communication, kind.role == .work else { continue }
            let (start, overflow) = span.start.addingReportingOverflow(trace.baseTime)
            guard !overflow, start.magnitude < 1 << 61 else { continue }
            let collective = Int(trace.collectiveOfSpan[index])
            // Messages are between two ranks, and their number differs from rank to rank.
            if collective >= 0, isMessage[collective] { continue }
            spans[collective >= 0 ? names.count + collective : Int(span.event)].append(start..<start + span.duration)
        }
        var sequences: [String: [Range<Int64>]] = [:]
        for (name, spans) in zip(names + collectives, spans) where !spans.isEmpty {
            sequences[name, default: []] += spans
        }
        return sequences.mapValues { $0.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) } }
    }
}
