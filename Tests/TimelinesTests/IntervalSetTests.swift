import Testing
import Timelines

@Suite("Interval sets") struct IntervalSetTests {
    /// Compares every pair of sets of the times 0 ..< 6 with the same sets as bit masks.
    @Test("Union, intersection, difference, length and membership are those of plain sets")
    func algebraIsThatOfPlainSets() {
        let count = 6
        func intervals(_ bits: Int) -> IntervalSet {
            let times = (0..<count).filter { (bits >> $0) & 1 == 1 }
            return IntervalSet(times.map { Int64($0)..<Int64($0) + 1 })
        }
        for left in 0..<1 << count {
            for right in 0..<1 << count {
                let (a, b) = (intervals(left), intervals(right))
                #expect(a.union(b) == intervals(left | right))
                #expect(a.intersection(b) == intervals(left & right))
                #expect(a.subtracting(b) == intervals(left & ~right))
            }
            #expect(intervals(left).length == Int64(left.nonzeroBitCount))
            for time in 0..<count {
                let isIn = (left >> time) & 1 == 1
                #expect(intervals(left).contains(Int64(time)) == isIn)
            }
        }
    }

    @Test("Intervals in any order are sorted and merged, and empty ones are dropped")
    func intervalsInAnyOrderAreMerged() {
        let set = IntervalSet([5..<9, 1..<3, 3..<4, 8..<12, 6..<7, 20..<20])
        #expect(set.intervals == [1..<4, 5..<12])
        #expect(set.length == 10)
        #expect(set.extent == 1..<12)
        #expect(!set.contains(4) && set.contains(5) && !set.contains(12))
        #expect(IntervalSet([3..<3]).isEmpty)
    }
}
