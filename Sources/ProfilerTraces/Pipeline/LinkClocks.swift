/// The delay of one message between two ranks, by the ranks' own clocks.
struct LinkDelay {
    /// The index of the rank that sends.
    var from: Int
    /// The index of the rank that receives.
    var to: Int
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

    private struct Direction: Hashable {
        var from: Int
        var to: Int
    }

    private struct ShortestDelay {
        var time: Int64
        var count: Int
    }

    /// Two ranks that send to one another.
    private struct Link {
        var first: Int
        var second: Int
        /// Nanoseconds by which the second rank's clock is later.
        var offset: Int64
        var uncertainty: Int64
        var matches: Int

        /// The same link from the second rank to the first.
        var reversed: Link {
            Link(first: second, second: first, offset: -offset, uncertainty: uncertainty, matches: matches)
        }
    }

    /// The clocks of `count` ranks, against the first of those that each is linked to.
    ///
    /// With `trustsClocks`, a link whose times do not contradict one clock says that it is one.
    static func offsets(_ delays: [LinkDelay], count: Int, trustsClocks: Bool) -> [ClockOffset] {
        let links = links(shortestDelays(delays), trustsClocks: trustsClocks)
        return propagated(spanningForest(links, count: count))
    }

    private static func shortestDelays(_ delays: [LinkDelay]) -> [Direction: ShortestDelay] {
        var shortest: [Direction: ShortestDelay] = [:]
        for delay in delays where delay.time.magnitude < maximumOffset {
            let direction = Direction(from: delay.from, to: delay.to)
            let known = shortest[direction] ?? ShortestDelay(time: .max, count: 0)
            shortest[direction] = ShortestDelay(time: min(known.time, delay.time), count: known.count + 1)
        }
        return shortest
    }

    /// The links that delays of both directions bound, the most certain first.
    private static func links(_ shortest: [Direction: ShortestDelay], trustsClocks: Bool) -> [Link] {
        shortest.compactMap { direction, there -> Link? in
            guard direction.from < direction.to,
                let back = shortest[Direction(from: direction.to, to: direction.from)]
            else { return nil }
            let isOneClock = trustsClocks && there.time >= 0 && back.time >= 0
            return Link(
                first: direction.from, second: direction.to, offset: isOneClock ? 0 : (there.time - back.time) / 2,
                uncertainty: isOneClock ? max(there.time, back.time) : abs(there.time + back.time) / 2,
                matches: there.count + back.count)
        }.sorted { ($0.uncertainty, $0.first, $0.second) < ($1.uncertainty, $1.first, $1.second) }
    }

    /// For each rank, the links from it that a tree through the ranks of its component keeps, after Kruskal.
    private static func spanningForest(_ links: [Link], count: Int) -> [[Link]] {
        var parents = Array(0..<count)
        func root(_ rank: Int) -> Int {
            var rank = rank
            while parents[rank] != rank {
                parents[rank] = parents[parents[rank]]
                rank = parents[rank]
            }
            return rank
        }
        var linksOfRank = [[Link]](repeating: [], count: count)
        for link in links {
            let (first, second) = (root(link.first), root(link.second))
            guard first != second else { continue }
            parents[max(first, second)] = min(first, second)
            linksOfRank[link.first].append(link)
            linksOfRank[link.second].append(link.reversed)
        }
        return linksOfRank
    }

    /// The clocks along the links of a forest, from the first rank of each tree.
    private static func propagated(_ linksOfRank: [[Link]]) -> [ClockOffset] {
        var clocks = [ClockOffset](repeating: ClockOffset(), count: linksOfRank.count)
        var isKnown = [Bool](repeating: false, count: linksOfRank.count)
        for first in linksOfRank.indices where !isKnown[first] {
            isKnown[first] = true
            var open = [first]
            while let rank = open.popLast() {
                for link in linksOfRank[rank] where !isKnown[link.second] {
                    isKnown[link.second] = true
                    let offset = clocks[rank].offset &+ link.offset
                    clocks[link.second].offset = min(max(offset, -maximumOffset), maximumOffset)
                    clocks[link.second].uncertainty = (clocks[rank].uncertainty ?? 0) &+ link.uncertainty
                    clocks[link.second].matches = link.matches
                    open.append(link.second)
                }
            }
        }
        return clocks
    }
}
