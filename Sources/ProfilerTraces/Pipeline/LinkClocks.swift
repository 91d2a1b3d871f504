/// How long after the other end something seemed to happen at one end of a link, by two ranks' own clocks.
struct LinkDelay {
    /// The place of the rank that sends.
    var from: Int
    /// The place of the rank that receives.
    var to: Int
    /// Nanoseconds: how long it took, and how much later the receiver's clock is.
    var time: Int64
}

/// How far clocks are apart, from what passes between ranks.
///
/// Nothing arrives before it is sent, so the shortest delays of both directions bound how much later one clock can be;
/// the middle is right where both take equally long, as NTP assumes. Offsets spread from the first rank along the links
/// that bound them best.
enum LinkClocks {
    /// Clocks are at most this far apart, which is 73 years.
    private static let furthest: UInt64 = 1 << 61

    /// The clocks of `count` ranks, against the first of those that each is linked to.
    ///
    /// With `trustsClocks`, a link on whose times nothing contradicts one clock says that it is one.
    static func offsets(_ delays: [LinkDelay], count: Int, trustsClocks: Bool) -> [ClockOffset] {
        struct Link {
            var first: Int
            var second: Int
            /// How much later the second rank's clock is.
            var offset: Int64
            var uncertainty: Int64
            var matches: Int
        }
        struct Direction: Hashable {
            var from: Int
            var to: Int
        }
        var shortest: [Direction: (time: Int64, count: Int)] = [:]
        for delay in delays where delay.time.magnitude < furthest {
            let direction = Direction(from: delay.from, to: delay.to)
            let known = shortest[direction] ?? (.max, 0)
            shortest[direction] = (min(known.time, delay.time), known.count + 1)
        }
        var links: [Link] = []
        for (direction, there) in shortest where direction.from < direction.to {
            guard let back = shortest[Direction(from: direction.to, to: direction.from)] else { continue }
            let matches = there.count + back.count
            if trustsClocks && there.time >= 0 && back.time >= 0 {
                links.append(
                    Link(
                        first: direction.from, second: direction.to, offset: 0, uncertainty: max(there.time, back.time),
                        matches: matches))
            } else {
                links.append(
                    Link(
                        first: direction.from, second: direction.to, offset: (there.time - back.time) / 2,
                        uncertainty: abs(there.time + back.time) / 2, matches: matches))
            }
        }
        links.sort { ($0.uncertainty, $0.first, $0.second) < ($1.uncertainty, $1.first, $1.second) }
        // Of the links, the best that join what was not joined: a tree from each first rank.
        var group = Array(0..<count)
        func root(_ place: Int) -> Int {
            var place = place
            while group[place] != place {
                group[place] = group[group[place]]
                place = group[place]
            }
            return place
        }
        var neighbours: [[(place: Int, offset: Int64, uncertainty: Int64, matches: Int)]] = Array(
            repeating: [], count: count)
        for link in links {
            let (first, second) = (root(link.first), root(link.second))
            guard first != second else { continue }
            group[max(first, second)] = min(first, second)
            neighbours[link.first].append((link.second, link.offset, link.uncertainty, link.matches))
            neighbours[link.second].append((link.first, -link.offset, link.uncertainty, link.matches))
        }
        var clocks = [ClockOffset](repeating: ClockOffset(), count: count)
        var isKnown = [Bool](repeating: false, count: count)
        for first in 0..<count where !isKnown[first] {
            isKnown[first] = true
            var open = [first]
            while let place = open.popLast() {
                for next in neighbours[place] where !isKnown[next.place] {
                    isKnown[next.place] = true
                    let offset = clocks[place].offset &+ next.offset
                    clocks[next.place].offset = min(max(offset, -Int64(furthest)), Int64(furthest))
                    clocks[next.place].uncertainty = (clocks[place].uncertainty ?? 0) &+ next.uncertainty
                    clocks[next.place].matches = next.matches
                    open.append(next.place)
                }
            }
        }
        return clocks
    }
}
