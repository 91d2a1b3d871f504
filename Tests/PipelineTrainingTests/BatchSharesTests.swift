import PipelineTraining
import Testing

@Suite("Shares of a global batch") struct BatchSharesTests {
    @Test("Shares divide a batch without gap or overlap, in the order of chains, micro-batches and ranks")
    func division() throws {
        for experts in 1...3 {
            for microbatches in [[4], [3, 2]] {
                let count = experts * microbatches.reduce(0, +) * 2
                let shares = try #require(
                    BatchShares(samples: count, experts: experts, microbatches: microbatches))
                var all: [Int] = []
                for (chain, count) in microbatches.enumerated() {
                    for microbatch in 0..<count {
                        for expert in 0..<experts {
                            all += shares.samples(chain: chain, microbatch: microbatch, expert: expert)
                        }
                    }
                }
                #expect(all == Array(0..<count))
            }
        }
    }

    @Test("A batch that cannot be divided into equal shares has none") func indivisible() {
        #expect(BatchShares(samples: 7, experts: 2, microbatches: [2]) == nil)
        #expect(BatchShares(samples: 0, experts: 1, microbatches: [1]) == nil)
    }
}
