extension Schedule {
    /// Interleaved 1F1B with split backwards. Rank r defers r weight gradients.
    ///
    /// The warm-up has one forward per following rank instead of two. Source: Qi et al., "Zero Bubble Pipeline
    /// Parallelism", 2024, on Narayanan et al.'s interleaving; the order is that of PyTorch's
    /// `ScheduleInterleavedZeroBubble`.
    static func interleavedZeroBubble(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let order = InterleavedOrder(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return order.schedule("Interleaved ZB1P", ahead: { ranks - 1 - $0 }) { steps, rank, index, forward in
            if let forward { steps.append(Step(forward)) }
            steps.append(Step(order.backward(index, rank).with(.inputGradient)))
            // All weight gradients that are left follow the last backward.
            let last = index + 1 == order.count ? index : index - rank
            for weight in max(index - rank, 0)..<max(last + 1, 0) {
                steps.append(Step(order.backward(weight, rank).with(.weightGradient)))
            }
        }
    }
}
