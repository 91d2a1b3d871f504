extension Schedule {
    /// Interleaved 1F1B whose steady state is overlapped pairs, with one more forward ahead on every rank.
    ///
    /// The extra forward makes each forward independent of the backward beside it, so that both run as one pair. In all
    /// (P-1)(F+B) + n(F+B) + (Mv-n)F&B of a stage's costs, n = P(v-1)+1, where P divides M. Source: Megatron-Core's
    /// `--overlap-moe-expert-parallel-comm` with interleaving, and Kimi K2's report, 2025.
    static func interleavedOverlap(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let order = InterleavedOrder(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return order.schedule("Interleaved overlap") { rank in
            let warmUp = min(order.warmUp + 2 * (ranks - 1 - rank) + 1, order.count)
            var steps = (0..<warmUp).map { Step(order.forward($0, rank)) }
            for index in 0..<order.count {
                let backward = order.backward(index, rank)
                if warmUp + index < order.count {
                    steps.append(Step(overlapping: order.forward(warmUp + index, rank), with: backward))
                } else {
                    steps.append(Step(backward))
                }
            }
            return steps
        }
    }
}
