import ProfilerTraces
import TestSupport
import Testing

/// Clock offsets, from messages and from collectives.
@Suite("Clock offsets") struct ClockTests {
    /// The delays of messages in both directions between two ranks; `ahead` is the second clock's offset from the
    /// first.
    private func delays(_ from: Int, _ to: Int, there: [Int64], back: [Int64], ahead: Int64) -> [LinkDelay] {
        let link = RankLink(from: from, to: to)
        return there.map { LinkDelay(link: link, time: $0 + ahead) }
            + back.map { LinkDelay(link: link.reversed, time: $0 - ahead) }
    }

    @Test("The shortest delays of both directions give the offset and its uncertainty") func twoRanks() {
        let clocks = LinkClocks.offsets(
            delays(0, 1, there: [900, 100, 300], back: [500, 100], ahead: 7_000_000), count: 2, trustsClocks: false)
        #expect(clocks.map(\.offset) == [0, 7_000_000])
        #expect(clocks.map(\.uncertainty) == [nil, 100])
        #expect(clocks.map(\.matches) == [0, 5])
    }

    @Test("The error of an estimate is at most its uncertainty") func errorsAreBounded() {
        var generator = SeededGenerator(31)
        for _ in 0..<500 {
            let ahead = Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator)
            let times = (0..<2).map { _ in (0..<4).map { _ in Int64.random(in: 0...10_000, using: &generator) } }
            let clocks = LinkClocks.offsets(
                delays(0, 1, there: times[0], back: times[1], ahead: ahead), count: 2, trustsClocks: false)
            let uncertainty = clocks[1].uncertainty ?? -1
            // Half a nanosecond is lost where the sum of both delays is odd.
            #expect(abs(clocks[1].offset - ahead) <= uncertainty + 1)
        }
    }

    @Test("Messages in one direction only give no offset") func oneDirection() {
        let clocks = LinkClocks.offsets(
            delays(0, 1, there: [100, 200], back: [], ahead: 5000), count: 2, trustsClocks: false)
        #expect(clocks == [ClockOffset(differences: []), ClockOffset(differences: [])])
    }

    @Test("Offsets propagate along the links with the smallest uncertainty") func propagation() {
        // The direct link from 0 to 3 is the worst, and rank 4 has no link.
        let all =
            delays(0, 1, there: [10], back: [10], ahead: 1000) + delays(1, 2, there: [20], back: [20], ahead: -300)
            + delays(2, 3, there: [30], back: [30], ahead: 50) + delays(0, 3, there: [9000], back: [1000], ahead: 750)
        let clocks = LinkClocks.offsets(all, count: 5, trustsClocks: false)
        #expect(clocks.map(\.offset) == [0, 1000, 700, 750, 0])
        #expect(clocks.map(\.uncertainty) == [nil, 10, 30, 60, nil])
    }

    @Test("Ranks that are not linked to rank 0 are relative to their own first rank") func components() {
        let clocks = LinkClocks.offsets(
            delays(1, 3, there: [5], back: [5], ahead: 40), count: 4, trustsClocks: false)
        #expect(clocks.map(\.offset) == [0, 0, 0, 40])
    }

    @Test("A trusted clock is kept unless a message arrives before it is sent", arguments: [0, 80, 200] as [Int64])
    func trustedClocks(ahead: Int64) {
        let clocks = LinkClocks.offsets(
            delays(0, 1, there: [100], back: [100], ahead: ahead), count: 2, trustsClocks: true)
        #expect(clocks[1].offset == (ahead <= 100 ? 0 : ahead))
        #expect(clocks[1].uncertainty == (ahead <= 100 ? 100 + ahead : 100))
    }

    @Test("Delays of more than 73 years are ignored") func absurdDelays() {
        let link = RankLink(from: 0, to: 1)
        let delays = [LinkDelay(link: link, time: .max), LinkDelay(link: link.reversed, time: .min)]
        #expect(LinkClocks.offsets(delays, count: 2, trustsClocks: false).map(\.matches) == [0, 0])
    }

    @Test("The offset from collectives is the median, and its uncertainty the median deviation") func medians() {
        let clock = ClockOffset(differences: [100, 98, 5000, 101, 102])
        #expect(clock.offset == 101 && clock.uncertainty == 1 && clock.matches == 5)
        let one = ClockOffset(differences: [-7])
        #expect(one.offset == -7 && one.uncertainty == 0 && one.matches == 1)
        let none = ClockOffset(differences: [])
        #expect(none.offset == 0 && none.uncertainty == nil && none.matches == 0)
    }

    @Test("Differences that are further apart than 2^63 do not overflow") func extremeDifferences() {
        let clock = ClockOffset(differences: [.min, .max])
        #expect(clock.offset == .max && clock.uncertainty == .max)
    }
}
