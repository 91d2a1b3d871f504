/// The order in which samples are taken from weighted sources.
///
/// The order repeats after ``period`` samples. Within a period, each sample is from the source that is furthest behind
/// its weight, as in Megatron-LM's blended datasets, so that every prefix has the sources' shares to about a sample.
/// It depends only on the weights; the source of a sample and its number within the source are looked up.
public struct SourceMixture: Sendable {
    /// The number of samples after which the order repeats.
    public static let period = 1 << 16

    /// A sample of a mixture.
    public struct Sample: Hashable, Sendable {
        /// The index of the source.
        public let source: Int
        /// The number of samples of the source before this one.
        public let number: Int
    }

    private let period: [Sample]
    private let counts: [Int]

    /// Creates the order of sources with positive weights, in any scale.
    ///
    /// - Complexity: O(sources × ``period``), or O(1) for one source.
    public init(weights: [Double]) {
        guard weights.count > 1 else {
            period = [Sample(source: 0, number: 0)]
            counts = [1]
            return
        }
        let sum = weights.reduce(0, +)
        let shares = weights.map { $0 / sum }
        var counts = [Int](repeating: 0, count: weights.count)
        period = (0..<Self.period).map { index in
            var (next, most) = (0, -Double.infinity)
            for source in shares.indices {
                let missing = shares[source] * Double(index + 1) - Double(counts[source])
                if missing > most { (next, most) = (source, missing) }
            }
            defer { counts[next] += 1 }
            return Sample(source: next, number: counts[next])
        }
        self.counts = counts
    }

    /// Returns a sample by its index in the order, from 0.
    public subscript(index: Int) -> Sample {
        let (round, place) = index.quotientAndRemainder(dividingBy: period.count)
        let sample = period[place]
        return Sample(source: sample.source, number: round * counts[sample.source] + sample.number)
    }
}
