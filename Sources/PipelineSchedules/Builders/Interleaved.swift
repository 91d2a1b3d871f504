extension Schedule {
    /// Interleaved 1F1B: 1F1B over `chunks` stages per rank, stage s on rank s mod P.
    ///
    /// Micro-batches pass in groups of P. A group runs through every chunk before the next group begins. The bubble is
    /// (P-1)(F+B)/v per rank for v chunks if P divides M. Source: Narayanan et al., 2021; the order of compute is that
    /// of PyTorch's `ScheduleInterleaved1F1B`. If P does not divide M, the group sizes differ by at most one, the
    /// larger groups come first, and every group has at least P micro-batches if M is at least P. A group of fewer than
    /// P could not fill the pipeline and would deadlock with the backwards of the group before it.
    static func interleaved(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let order = InterleavedOrder(ranks: ranks, microbatches: microbatches, chunks: chunks)
        return order.schedule("Interleaved 1F1B", ahead: { 2 * (ranks - 1 - $0) }) { steps, rank, index, forward in
            if let forward { steps.append(Step(forward)) }
            steps.append(Step(order.backward(index, rank)))
        }
    }
}
