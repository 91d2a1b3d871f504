extension Schedule {
    /// ZB-H2: about twice 1F1B's forwards ahead, and weight gradients put off until they fill every gap.
    ///
    /// Rank r starts 2(P-r)-1 forwards ahead and keeps 2r weight gradients back: 2P-1 activations on every rank. From
    /// its own first action to its own last a rank idles (P-1)(F+I-2W), nothing at F = I = W; ranks start and end one
    /// after the other, so that a barrier at the end of a step still costs ZB1P's time. Source: Qi et al., "Zero Bubble
    /// Pipeline Parallelism", 2024.
    static func zeroBubbleH2(ranks: Int, microbatches: Int) -> Schedule {
        linear("ZB-H2", ranks: ranks, microbatches: microbatches) { rank, row in
            for _ in 0..<2 * (ranks - rank) - 1 { row.forward(0) }
            for _ in 0..<microbatches {
                row.backward(0, deferringWeights: true)
                if row.deferredCount > 2 * rank { row.weight() }
                row.forward(0)
            }
            while row.deferredCount > 0 { row.weight() }
        }
    }
}
