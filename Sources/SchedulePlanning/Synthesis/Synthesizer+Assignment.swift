import PipelineSchedules

extension Synthesizer {
    /// Moves stages to other ranks where they differ, so that no rank is much slower than the others: stages are
    /// swapped as long as the lower bound falls.
    ///
    /// The placement becomes one of ``PlacementFamily/assigned(ranks:)`` where that has a lower bound than it had; two
    /// chains stay as they are.
    ///
    /// - Parameters:
    ///   - reach: How far from its rank a stage goes at most; near its rank, forwards and backwards keep the directions
    ///     in which a V or an interleaved placement pairs them.
    ///   - isCancelled: Asked before every change; when it answers true, the best so far is taken.
    /// - Precondition: There is at least one rank and one micro-batch.
    /// - Complexity: O(stages²) times that of the bound; with more than 32 stages, that of the bound for no limit of
    ///   activations.
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

    /// Above this many stages the bound under a limit of activations takes too long to be asked for so often.
    private static var mostStagesWithinLimit: Int { 32 }
}
