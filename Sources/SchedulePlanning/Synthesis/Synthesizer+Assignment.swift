import PipelineSchedules

extension Synthesizer {
    /// Moves stages with different costs to other ranks, so that no rank is much slower than the others. Random swaps
    /// of two stages are tried, and kept unless the lower bound rises.
    ///
    /// The placement becomes ``PlacementFamily/assigned(ranks:)`` if that has a smaller lower bound than before. A
    /// bidirectional placement is not changed.
    ///
    /// - Parameters:
    ///   - reach: The maximum distance of a stage from its original rank. If stages stay near their ranks, forwards and
    ///     backwards keep the directions that let a V or an interleaved placement pair them.
    ///   - isCancelled: Called before every swap. If it returns true, the best placement so far is taken.
    /// - Precondition: There is at least one rank and one micro-batch.
    /// - Complexity: O(stages²) computations of the bound. With more than 32 stages, the bound ignores the activation
    ///   limit.
    public mutating func assignStages(reach: Int = .max, isCancelled: () -> Bool = { false }) {
        guard placement != .bidirectional else { return }
        let original = placement.chains(ranks: ranks, microbatches: microbatches)[0].ranks
        var best = self
        func time(of search: Synthesizer) -> Int64 {
            var search = search
            if original.count > Self.mostStagesWithinLimit { search.activationLimit = nil }
            return search.lowerBound.time
        }
        var least = time(of: self)
        var assigned = original
        var random = SplitMix64(state: seed)
        for _ in 0..<2 * original.count * original.count {
            if isCancelled() { break }
            let (one, two) = (random.next(below: original.count), random.next(below: original.count))
            guard assigned[one] != assigned[two], abs(original[one] - assigned[two]) <= reach,
                abs(original[two] - assigned[one]) <= reach
            else { continue }
            assigned.swapAt(one, two)
            var candidate = self
            candidate.placement = .assigned(ranks: assigned)
            let found = time(of: candidate)
            if found <= least {
                if found < least { best = candidate }
                least = found
            } else {
                assigned.swapAt(one, two)
            }
        }
        self = best
    }

    /// The largest number of stages for which each bound considers the activation limit. With more stages, this takes
    /// too long.
    private static var mostStagesWithinLimit: Int { 32 }
}
