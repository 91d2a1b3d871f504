extension Schedule {
    /// ZB1P, called ZB-H1 in its paper: 1F1B with weight gradients put off to fill the drain.
    ///
    /// Rank r keeps r weight gradients back, so that every rank holds P activations at most. Bubble (P-1)(F+I-W) per
    /// rank. Source: Qi et al., "Zero Bubble Pipeline Parallelism", 2024.
    static func zeroBubble(ranks: Int, microbatches: Int) -> Schedule {
        linear("ZB1P", ranks: ranks, microbatches: microbatches) { rank, row in
            for _ in 0..<ranks - rank { row.forward(0) }
            for _ in 0..<microbatches {
                row.backward(0, deferringWeights: true)
                if row.deferredCount > rank { row.weight() }
                row.forward(0)
            }
            while row.deferredCount > 0 { row.weight() }
        }
    }
}
