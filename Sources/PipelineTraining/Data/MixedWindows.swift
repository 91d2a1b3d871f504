package import TrainingRecipes
import SchedulePlanning

/// Windows of several sources in the proportion of their weights. Each window of a source is read once per epoch, in an
/// order that depends on the seed and the epoch.
package struct MixedWindows {
    private let mixture: SourceMixture
    private let lists: [WindowList]
    private let seed: UInt64
    private let part: TokenSource.Part

    /// - Parameters:
    ///   - lists: The windows of each source, at least one each.
    ///   - weights: A positive weight per source.
    package init(_ lists: [WindowList], weights: [Double], seed: UInt64, part: TokenSource.Part) {
        mixture = SourceMixture(weights: weights)
        self.lists = lists
        self.seed = seed
        self.part = part
    }

    /// Returns the window of a sample, which depends only on the seed, the part and the sample's index.
    package func window(sample: Int) -> TokenSplit.Piece {
        let place = mixture[sample]
        let list = lists[place.source]
        let (epoch, position) = place.number.quotientAndRemainder(dividingBy: list.count)
        let order = RandomPermutation(
            count: list.count, using: SplitMix64(seed: seed, part.key, UInt64(place.source), UInt64(epoch)))
        return list[order[position]]
    }
}
