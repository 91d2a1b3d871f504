import Testing
import Timelines

@Suite("Sharing of intervals") struct IntervalSharingTests {
    /// Compares every pair of spans in 0 ..< 5 and every set of these times with a count per time.
    @Test("An instant belongs to the span that starts first, and of equal starts to the first span")
    func sharesAreThoseOfTheFirstThatCovers() {
        let count = 5
        var ranges: [Range<Int64>] = []
        for low in 0..<Int64(count) {
            for high in low...Int64(count) { ranges.append(low..<high) }
        }
        for bits in 0..<1 << count {
            let times = (0..<count).filter { (bits >> $0) & 1 == 1 }
            let set = IntervalSet(times.map { Int64($0)..<Int64($0) + 1 })
            for first in ranges {
                for second in ranges {
                    let spans = [first, second]
                    var expected: [Int64] = [0, 0]
                    for time in 0..<Int64(count) where set.contains(time) {
                        let covering = spans.indices.filter { spans[$0].contains(time) }
                        let earliest = covering.map { spans[$0].lowerBound }.min()
                        if let owner = covering.first(where: { spans[$0].lowerBound == earliest }) {
                            expected[owner] += 1
                        }
                    }
                    #expect(set.shares(among: spans) == expected)
                }
            }
        }
    }

    @Test("A set is clipped to a window, and its gaps are what the window has left")
    func clippingAndGaps() {
        let set = IntervalSet([2..<4, 6..<9])
        #expect(set.clipped(to: 3..<7).intervals == [3..<4, 6..<7])
        #expect(set.clipped(to: 20..<30).isEmpty)
        #expect(set.gaps(in: 0..<10).intervals == [0..<2, 4..<6, 9..<10])
        #expect(IntervalSet().gaps(in: 1..<3).intervals == [1..<3])
    }
}
