import PipelineSchedules
import Testing

@Suite("Equal shares") struct EqualSharesTests {
    @Test("Shares are consecutive, in descending order of size, and differ by at most one")
    func equalSharesAreConsecutiveAndDifferByOneAtMost() {
        for total in 0...24 {
            for count in 1...12 {
                let shares = EqualShares(of: total, into: count)
                #expect(shares.flatMap { Array($0) } == Array(0..<total))
                let sizes = shares.map(\.count)
                #expect(sizes.count == count && sizes == sizes.sorted(by: >))
                #expect((sizes.first ?? 0) - (sizes.last ?? 0) <= 1)
            }
        }
    }

    @Test("The 61 layers of DeepSeek-V3 on 16 stages are 13 shares of 4 and 3 of 3")
    func layersOfDeepSeekV3OnSixteenStages() {
        let sizes = EqualShares(of: 61, into: 16).map(\.count)
        #expect(sizes == Array(repeating: 4, count: 13) + Array(repeating: 3, count: 3))
    }
}
