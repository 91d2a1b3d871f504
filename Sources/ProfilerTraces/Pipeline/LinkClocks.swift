/// The way from one rank to another, by the ranks' indices.
struct RankLink: Hashable {
    var from: Int
    var to: Int

    var reversed: RankLink { RankLink(from: to, to: from) }
}

/// The delay of one message between two ranks, by the ranks' own clocks.
struct LinkDelay {
    /// The rank that sends and the one that receives.
    var link: RankLink
    /// Nanoseconds: the message's own time and the offset of the receiver's clock.
    var time: Int64
}

/// The offsets between ranks' clocks, from what passes between the ranks.
///
/// Nothing arrives before it is sent, so the shortest delays of both directions bound how much later one clock can be;
/// the middle is right if both take equally long, as NTP assumes. Offsets spread from the first rank along the links
/// that bound them best.
enum LinkClocks {
    /// The largest offset between two clocks, which is 73 years.
    private static let maximumOffset: Int64 = 1 << 61

    /// Two ranks that send to one another.
    private struct Bound {
        var link: RankLink
        /// Nanoseconds by which the second rank's clock is later.
        var offset: Int64
        var uncertainty: Int64
        var matches: Int

        /// The same from the second rank to the first.
        var reversed: Bound { Bound(link: link.reversed, offset: -offset, uncertainty: uncertainty, matches: matches) }
    }

    /// The clocks of `count` ranks, against the first of those that each is linked to.
    ///
    /// With `trustsClocks`, a link whose times do not contradict one clock says that it is one.
    static func offsets(_ delays: [LinkDelay], count: Int, trustsClocks: Bool) -> [ClockOffset] {
        propagated(spanningForest(bounds(delays, trustsClocks: trustsClocks), count: count))
    }

    /// The links that delays of both directions bound, the most certain first.
    private static func bounds(_ delays: [LinkDelay], trustsClocks: Bool) -> [Bound] {
        var shortest: [RankLink: (time: Int64, count: Int)] = [:]
        for delay in delays where delay.time.magnitude < maximumOffset {
            let known = shortest[delay.link] ?? (.max, 0)
            shortest[delay.link] = (min(known.time, delay.time), known.count + 1)
        }
        return shortest.compactMap { link, there -> Bound? in
            guard link.from < link.to, let back = shortest[link.reversed] else { return nil }
            let isOneClock = trustsClocks && there.time >= 0 && back.time >= 0
            return Bound(
                link: link, offset: isOneClock ? 0 : (there.time - back.time) / 2,
                uncertainty: isOneClock ? max(there.time, back.time) : abs(there.time + back.time) / 2,
                matches: there.count + back.count)
        }.sorted { ($0.uncertainty, $0.link.from, $0.link.to) < ($1.uncertainty, $1.link.from, $1.link.to) }
    }

    /// For each rank, the links from it that a tree through the ranks of its component keeps, after Kruskal.
    private static func spanningForest(_ bounds: [Bound], count: Int) -> [[Bound]] {
        var parents = Array(0..<count)
        func root(_ rank: Int) -> Int {
            var rank = rank
            while parents[rank] != rank {
                parents[rank] = parents[parents[rank]]
                rank = parents[rank]
            }
            return rank
        }
        var boundsOfRank = [[Bound]](repeating: [], count: count)
        for bound in bounds {
            let (first, second) = (root(bound.link.from), root(bound.link.to))
            guard first != second else { continue }
            parents[max(first, second)] = min(first, second)
            boundsOfRank[bound.link.from].append(bound)
            boundsOfRank[bound.link.to].append(bound.reversed)
        }
        return boundsOfRank
    }

    /// The clocks along the links of a forest, from the first rank of each tree.
    private static func propagated(_ boundsOfRank: [[Bound]]) -> [ClockOffset] {
        var clocks = [ClockOffset](repeating: ClockOffset(), count: boundsOfRank.count)
        var isKnown = [Bool](repeating: false, count: boundsOfRank.count)
        for first in boundsOfRank.indices where !isKnown[first] {
            isKnown[first] = true
            var open = [first]
            while let rank = open.popLast() {
                for bound in boundsOfRank[rank] where !isKnown[bound.link.to] {
                    let next = bound.link.to
                    isKnown[next] = true
                    let offset = clocks[rank].offset &+ bound.offset
                    clocks[next].offset = min(max(offset, -maximumOffset), maximumOffset)
                    clocks[next].uncertainty = (clocks[rank].uncertainty ?? 0) &+ bound.uncertainty
                    clocks[next].matches = bound.matches
                    open.append(next)
                }
            }
        }
        return clocks
    }
}
