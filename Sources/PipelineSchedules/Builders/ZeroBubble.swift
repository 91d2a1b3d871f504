extension Schedule {
    /// ZB1P, called ZB-H1 in its paper: 1F1B with weight gradients put off to fill the drain.
    ///
    /// Rank r keeps r weight gradients back, so that every rank holds P activations at most. Bubble (P-1)(F+I-W) per
    /// rank. Source: Qi et al., "Zero Bubble Pipeline Parallelism", 2024.
    static func zeroBubble(ranks: Int, microbatches: Int) -> Schedule {
        zeroBubble("ZB1P", ranks: ranks, microbatches: microbatches, ahead: { ranks - $0 }, kept: { $0 })
    }

    /// ZB-H2: about twice 1F1B's forwards ahead, and weight gradients put off until they fill every gap.
    ///
    /// Rank r starts 2(P-r)-1 forwards ahead and keeps 2r weight gradients back: 2P-1 activations on every rank. From
    /// its own first action to its own last a rank idles (P-1)(F+I-2W), nothing at F = I = W; ranks start and end one
    /// after the other, so that a barrier at the end of a step still costs ZB1P's time. Source: Qi et al., "Zero Bubble
    /// Pipeline Parallelism", 2024.
    static func zeroBubbleH2(ranks: Int, microbatches: Int) -> Schedule {
        zeroBubble("ZB-H2", ranks: ranks, microbatches: microbatches, ahead: { 2 * (ranks - $0) - 1 }, kept: { 2 * $0 })
    }

    /// Starts `ahead` forwards ahead and keeps `kept` weight gradients back, both by rank.
    private static func zeroBubble(
        _ name: String, ranks: Int, microbatches: Int, ahead: (_ rank: Int) -> Int, kept: (_ rank: Int) -> Int
    ) -> Schedule {
        linear(name, ranks: ranks, microbatches: microbatches) { rank, row in
            for _ in 0..<ahead(rank) { row.forward(0) }
            for _ in 0..<microbatches {
                row.backward(0, deferringWeights: true)
                if row.deferredCount > kept(rank) { row.weight() }
                row.forward(0)
            }
            while row.deferredCount > 0 { row.weight() }
        }
    }
}
