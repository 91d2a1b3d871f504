import TestSupport
import Testing
import TrainingRecipes

@Suite struct SourceMixtureTests {
    private static let weights: [[Double]] = [
        [1], [7], [1, 1], [0.7, 0.3], [3, 2, 1], [100, 1], [1, 1e-4], [0.2, 0.2, 0.2, 0.2, 0.2],
        [0.05, 0.4, 0.25, 0.1, 0.15, 0.03, 0.02],
    ]

    @Test("Every prefix has the shares of the weights to about a sample", arguments: weights)
    func shares(weights: [Double]) {
        let mixture = SourceMixture(weights: weights)
        let sum = weights.reduce(0, +)
        var counts = [Int](repeating: 0, count: weights.count)
        var furthest = 0.0
        for index in 0..<SourceMixture.period {
            counts[mixture[index].source] += 1
            for (count, weight) in zip(counts, weights) {
                furthest = max(furthest, abs(Double(count) - weight / sum * Double(index + 1)))
            }
        }
        #expect(furthest <= (weights.count <= 2 ? 1 : 2), "\(furthest)")
    }

    @Test("The samples of a source are numbered without gaps, over several periods", arguments: weights)
    func numbers(weights: [Double]) {
        let mixture = SourceMixture(weights: weights)
        var counts = [Int](repeating: 0, count: weights.count)
        for index in 0..<2 * SourceMixture.period + 1000 {
            let sample = mixture[index]
            #expect(sample.number == counts[sample.source])
            counts[sample.source] += 1
        }
    }

    @Test("Only the proportion of weights matters, and equal weights alternate") func proportion() {
        let (one, other) = (SourceMixture(weights: [1, 3]), SourceMixture(weights: [25, 75]))
        #expect((0..<1000).allSatisfy { one[$0] == other[$0] })
        let equal = SourceMixture(weights: [1, 1])
        #expect((0..<6).map { equal[$0].source } == [0, 1, 0, 1, 0, 1])
    }
}
