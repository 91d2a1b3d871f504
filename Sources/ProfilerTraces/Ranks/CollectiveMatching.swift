import Algorithms
import Timelines

/// Matches the collectives in the traces of several ranks and estimates the offsets between the ranks' clocks from
/// them.
///
/// The sequence number of a collective in its process group, which PyTorch records since March 2026, is the same on all
/// ranks. Without numbers, ranks issue the collectives of a group in the same order, so that collectives are matched by
/// order, operation and shape. If ranks have different numbers of collectives, only certain partners are matched.
struct CollectiveMatching {
    /// The largest number of matched collectives multiplied by ranks. It limits the memory for thousands of ranks to
    /// half a gigabyte. Collectives beyond the limit are not matched.
    private static let maximumTimes = 1 << 24

    private(set) var matches: [CollectiveMatch] = []
    private(set) var clocks: [ClockOffset]
    private(set) var waiting: [RankWaiting]

    /// The collectives of one key that were matched: for each rank that takes part, the collectives in the order of the
    /// matches.
    private typealias Matched = (key: CollectiveSequences.Key, items: [[CollectiveSequences.Item]?], count: Int)

    /// Matches the collectives of traces without `messages`, the spans of each trace that send or receive. A rank that
    /// shares no collective with the first rank gets its offset from `others`. With `windows`, one per rank in
    /// nanoseconds since 1970 on the rank's clock, only waiting within them counts.
    init(
        _ traces: [RankTrace], messages: [Set<Int>], clocks others: [ClockOffset], windows: [Range<Int64>]? = nil
    ) {
        clocks = others
        waiting = traces.map { RankWaiting(rank: $0.rank) }
        guard traces.count > 1 else { return }
        let labels = CollectiveLabels(traces)
        let sequences = inParallel(traces.count) {
            CollectiveSequences(traces[$0], labels: labels, messages: messages[$0])
        }
        let matched = matched(sequences)
        let offsets = inParallel(traces.count) { rank in
            if rank == 0 || traces[rank].sharesClock { return others[rank] }
            return Self.clock(rank, matched) ?? others[rank]
        }
        clocks = traces.indices.map { rank in
            offsets[traces.firstIndex { $0.hasClock(of: traces[rank]) } ?? rank]
        }
        matches = Self.matches(matched, labels.texts, offsets: clocks.map(\.offset))
        addWaiting(zip(windows ?? [], clocks).map { $0.moved(by: 0 &- $1.offset) })
    }

    /// The matched collectives of each key that occurs on two or more ranks, ordered by key. Counts those that are not
    /// matched.
    private mutating func matched(_ sequences: [CollectiveSequences]) -> [Matched] {
        var ranksOfKey: [CollectiveSequences.Key: [Int]] = [:]
        for (rank, sequences) in sequences.enumerated() {
            for key in sequences.items.keys { ranksOfKey[key, default: []].append(rank) }
        }
        let keys = ranksOfKey.sorted {
            ($0.key.name, $0.key.isNumbered ? 1 : 0) < ($1.key.name, $1.key.isNumbered ? 1 : 0)
        }
        let found = inParallel(keys.count) { index in
            Self.partners(sequences.map { $0.items[keys[index].key] }, isNumbered: keys[index].key.isNumbered)
        }
        var times = 0
        var matched: [Matched] = []
        for ((key, ranks), items) in zip(keys, found) {
            let count = items.lazy.compactMap { $0?.count }.first ?? 0
            let isKept = ranks.count > 1 && times + count * sequences.count <= Self.maximumTimes
            times += isKept ? count * sequences.count : 0
            if ranks.count == 1, isAlone(key) { continue }
            for rank in ranks {
                waiting[rank].matched += isKept ? count : 0
                waiting[rank].unmatched += (sequences[rank].items[key]?.count ?? 0) - (isKept ? count : 0)
            }
            if isKept && count > 0 { matched.append((key, items, count)) }
        }
        return matched
    }

    /// Whether the group of a key has only one of the run's ranks, so that its collectives have no partners.
    private func isAlone(_ key: CollectiveSequences.Key) -> Bool {
        // Kineto shortens the lists of large groups.
        guard !key.groupRanks.isEmpty, !key.groupRanks.contains("...") else { return false }
        let group = Set(key.groupRanks.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) })
        return waiting.count { group.contains($0.rank) } < 2
    }

    /// The collectives that have partners on all ranks that take part; nil for the other ranks.
    private static func partners(
        _ items: [[CollectiveSequences.Item]?], isNumbered: Bool
    ) -> [[CollectiveSequences.Item]?] {
        guard let first = items.firstIndex(where: { $0 != nil }), let reference = items[first] else { return items }
        let labels = reference.map(\.label)
        var isMatched = [Bool](repeating: true, count: reference.count)
        let partners = items.map { items -> [Int]? in
            guard let items else { return nil }
            let others = items.map(\.label)
            let partners =
                isNumbered
                ? SequenceAlignment.partners(byNumber: labels, others)
                : SequenceAlignment.certainPartners(labels, others)
            for (index, partner) in partners.enumerated() where partner < 0 { isMatched[index] = false }
            return partners
        }
        return zip(items, partners).map { items, partners in
            guard let items, let partners else { return nil }
            return zip(partners, isMatched).compactMap { partner, isMatched in isMatched ? items[partner] : nil }
        }
    }

    /// The offset of a rank from the ends of the collectives that it shares with the first rank; nil if it shares none.
    private static func clock(_ rank: Int, _ matched: [Matched]) -> ClockOffset? {
        var differences: [Int64] = []
        for (_, items, _) in matched {
            guard let own = items[rank], let first = items[0] else { continue }
            differences += zip(own, first).map { $0.interval.upperBound - $1.interval.upperBound }
        }
        return differences.isEmpty ? nil : ClockOffset(differences: differences)
    }

    /// The matches, ordered by the start of the last rank. They are made in parallel on all cores.
    private static func matches(_ matched: [Matched], _ labels: [String], offsets: [Int64]) -> [CollectiveMatch] {
        let pieces = matched.flatMap { key, items, count in
            (0..<count).chunks(ofCount: 4096).map { (key: key, items: items, ordinals: $0) }
        }
        let matches = inParallel(pieces.count) { piece -> [CollectiveMatch] in
            let (key, items, ordinals) = pieces[piece]
            let first = items.lazy.compactMap { $0 }.first
            return ordinals.map { ordinal in
                let label = first?[ordinal].label ?? 0
                return CollectiveMatch(
                    name: key.isNumbered ? key.name : labels[Int(label)],
                    sequenceNumber: key.isNumbered ? label : nil,
                    starts: zip(items, offsets).map { items, offset in
                        items.map { $0[ordinal].interval.lowerBound - offset }
                    },
                    ends: zip(items, offsets).map { items, offset in
                        items.map { $0[ordinal].interval.upperBound - offset }
                    })
            }
        }.flatMap(\.self)
        // The matches of a key are already in order; ties of the start keep that order.
        let starts = matches.map(\.lastStart)
        if starts.adjacentPairs().allSatisfy(<=) { return matches }
        return matches.indices.sorted { (starts[$0], $0) < (starts[$1], $1) }.map { matches[$0] }
    }

    /// Adds the waiting in all matches to the ranks that waited and to those that they waited for. If there are windows,
    /// on the first rank's clock, matches outside of them are removed.
    private mutating func addWaiting(_ windows: [Range<Int64>]) {
        func length(_ interval: Range<Int64>, _ rank: Int) -> Int64 {
            let part = windows.isEmpty ? interval : interval.clamped(to: windows[rank])
            return part.upperBound - part.lowerBound
        }
        if !windows.isEmpty {
            matches.removeAll { match in
                windows.indices.allSatisfy { rank in
                    guard let start = match.starts[rank], let end = match.ends[rank] else { return true }
                    return !(start..<end).overlaps(windows[rank])
                }
            }
        }
        for match in matches {
            var caused: Int64 = 0
            let lastStart = match.lastStart
            for rank in waiting.indices {
                guard let start = match.starts[rank], let end = match.ends[rank] else { continue }
                // The time that the rank waited for the last rank.
                let wait = length(start..<min(end, lastStart), rank)
                waiting[rank].waited += wait
                waiting[rank].transferred += length(start..<end, rank) - wait
                caused += wait
            }
            if let latest = match.latest, match.skew > 0 {
                waiting[latest].stragglerCount += 1
                waiting[latest].causedWait += caused
            }
        }
    }
}

extension RankTrace {
    /// Whether the times of two traces are on one clock, as those of the devices of one process are.
    fileprivate func hasClock(of other: RankTrace) -> Bool {
        guard let part, let otherPart = other.part else { return false }
        return file.path == other.file.path && part.process == otherPart.process
    }
}
