extension Schedule {
    /// Interleaved 1F1B whose steady state is overlapped pairs, with one more forward ahead on every rank.
    ///
    /// The extra forward makes each forward independent of the backward beside it, so that both run as one pair. In all
    /// (P-1)(F+B) + n(F+B) + (Mv-n)F&B of a stage's costs, n = P(v-1)+1, where P divides M. Source: Megatron-Core's
    /// `--overlap-moe-expert-parallel-comm` with interleaving, and Kimi K2's report, 2025.
    static func interleavedOverlap(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let order = InterleavedOrder(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return order.schedule("Interleaved overlap", ahead: { 2 * (ranks - $0) - 1 }) { steps, rank, index, forward in
            let backward = order.backward(index, rank)
            steps.append(forward.map { Step(overlapping: $0, with: backward) } ?? Step(backward))
        }
    }
}
