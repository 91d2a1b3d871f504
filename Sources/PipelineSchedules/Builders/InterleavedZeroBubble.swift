extension Schedule {
    /// Interleaved 1F1B with split backwards, rank r keeping r weight gradients back.
    ///
    /// One forward ahead for each following rank instead of two. Source: Qi et al., "Zero Bubble Pipeline Parallelism",
    /// 2024, on Narayanan et al.'s interleaving; the order is that of PyTorch's `ScheduleInterleavedZeroBubble`.
    static func interleavedZeroBubble(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let order = InterleavedOrder(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return order.schedule("Interleaved ZB1P") { rank in
            let warmUp = min(order.warmUp + ranks - 1 - rank, order.count)
            var steps = (0..<warmUp).map { Step(order.forward($0, rank)) }
            for index in 0..<order.count {
                if warmUp + index < order.count { steps.append(Step(order.forward(warmUp + index, rank))) }
                steps.append(Step(order.backward(index, rank).with(.inputGradient)))
                if index >= rank { steps.append(Step(order.backward(index - rank, rank).with(.weightGradient))) }
            }
            for index in max(order.count - rank, 0)..<order.count {
                steps.append(Step(order.backward(index, rank).with(.weightGradient)))
            }
            return steps
        }
    }
}
