/// The link from one rank to another, by the ranks' indices.
package struct RankLink: Hashable {
    package var from: Int
    package var to: Int

    /// Creates a link.
    package init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }

    /// The link in the opposite direction.
    package var reversed: RankLink { RankLink(from: to, to: from) }
}

/// The delay of one message between two ranks, measured on the ranks' own clocks.
package struct LinkDelay {
    /// The sending and the receiving rank.
    package var link: RankLink
    /// The message's transfer time plus the offset of the receiver's clock, in nanoseconds.
    package var time: Int64

    /// Creates a delay.
    package init(link: RankLink, time: Int64) {
        self.link = link
        self.time = time
    }
}

/// Estimates the offsets between ranks' clocks from the messages between the ranks.
///
/// A message does not arrive before it is sent, so the shortest delays of both directions bound the offset of two
/// clocks. The estimate is the middle of the bounds, which is exact if both directions take equally long, as NTP
/// assumes. Offsets propagate from the first rank along the links with the tightest bounds.
package enum LinkClocks {
    /// The largest offset between two clocks in nanoseconds, which is 73 years.
    private static let maximumOffset: Int64 = 1 << 61

    /// The bound that the messages between two ranks give.
    private struct Bound {
        var link: RankLink
        /// The nanoseconds by which the second rank's clock is ahead.
        var offset: Int64
        /// The nanoseconds by which the offset may be wrong.
        var uncertainty: Int64
        /// The number of messages in both directions.
        var matches: Int

        /// The bound seen from the second rank.
        var reversed: Bound { Bound(link: link.reversed, offset: -offset, uncertainty: uncertainty, matches: matches) }
    }

    /// Returns the offsets of `count` ranks, each relative to the first rank that it is connected to by links.
    ///
    /// If `trustsClocks` is true, two clocks count as one unless a message between them has a negative delay.
    package static func offsets(_ delays: [LinkDelay], count: Int, trustsClocks: Bool) -> [ClockOffset] {
        propagated(spanningForest(bounds(delays, trustsClocks: trustsClocks), count: count))
    }

    /// The bounds of the links with delays in both directions, the most certain first.
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

    /// For each rank, its links in a minimum spanning forest of the bounds, by Kruskal's algorithm.
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

    /// The offsets along the links of a forest, relative to the first rank of each tree.
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
