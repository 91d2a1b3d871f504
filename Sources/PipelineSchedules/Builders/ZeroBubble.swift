extension Schedule {
    /// ZB1P, called ZB-H1 in its paper: 1F1B with weight gradients deferred to fill the cool-down.
    ///
    /// Rank r defers r weight gradients, so every rank holds at most P activations. The bubble is (P-1)(F+I-W) per
    /// rank. Source: Qi et al., "Zero Bubble Pipeline Parallelism", 2024.
    static func zeroBubble(ranks: Int, microbatches: Int) -> Schedule {
        zeroBubble("ZB1P", ranks: ranks, microbatches: microbatches, ahead: { ranks - $0 }, deferred: { $0 })
    }

    /// ZB-H2: about twice 1F1B's warm-up forwards, and weight gradients deferred until they fill every gap.
    ///
    /// Rank r starts with 2(P-r)-1 forwards and defers 2r weight gradients, so every rank holds 2P-1 activations.
    /// Between its first and its last action a rank idles for (P-1)(F+I-2W), which is 0 at F = I = W. Ranks start and
    /// end one after another, so a step that ends with a barrier takes as long as with ZB1P. Source: Qi et al., "Zero
    /// Bubble Pipeline Parallelism", 2024.
    static func zeroBubbleH2(ranks: Int, microbatches: Int) -> Schedule {
        zeroBubble(
            "ZB-H2", ranks: ranks, microbatches: microbatches, ahead: { 2 * (ranks - $0) - 1 }, deferred: { 2 * $0 })
    }

    /// 1F1B with `ahead(rank)` warm-up forwards and `deferred(rank)` deferred weight gradients.
    private static func zeroBubble(
        _ name: String, ranks: Int, microbatches: Int, ahead: (_ rank: Int) -> Int, deferred: (_ rank: Int) -> Int
    ) -> Schedule {
        linear(name, ranks: ranks, microbatches: microbatches) { rank, row in
            for _ in 0..<ahead(rank) { row.forward(0) }
            for _ in 0..<microbatches {
                row.backward(0, deferringWeights: true)
                if row.deferredCount > deferred(rank) { row.weight() }
                row.forward(0)
            }
            while row.deferredCount > 0 { row.weight() }
        }
    }
}
