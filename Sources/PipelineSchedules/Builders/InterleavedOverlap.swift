extension Schedule {
    /// Interleaved 1F1B with overlapped pairs in its steady state, and one more warm-up forward on every rank.
    ///
    /// The extra forward makes each forward independent of the backward beside it, so that both run as one pair. The
    /// step takes (P-1)(F+B) + n(F+B) + (Mv-n)F&B in the costs of a stage, with n = P(v-1)+1, if P divides M. Source:
    /// Megatron-Core's `--overlap-moe-expert-parallel-comm` with interleaving, and Kimi K2's report, 2025.
    static func interleavedOverlap(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let order = InterleavedOrder(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return order.schedule("Interleaved overlap", ahead: { 2 * (ranks - $0) - 1 }) { steps, rank, index, forward in
            let backward = order.backward(index, rank)
            steps.append(forward.map { Step(overlapping: $0, with: backward) } ?? Step(backward))
        }
    }
}
