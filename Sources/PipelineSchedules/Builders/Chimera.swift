extension Schedule {
    /// Chimera: two chains from opposite ends, each with half of the micro-batches, merged without overlap.
    ///
    /// Each chain has at most P/2 micro-batches in flight, rounded up. Further micro-batches enter as these leave,
    /// which is the paper's direct concatenation. The bubble is (P-2)/(2M+P-2) of the step if F = B. Each rank holds
    /// the parameters of two stages. Source: Li and Hoefler, "Chimera: Efficiently Training Large-Scale Neural Networks
    /// with Bidirectional Pipelines", 2021. The paper requires even P and M in multiples of P; this builder accepts
    /// every P, and every M from 2 on.
    static func chimera(ranks: Int, microbatches: Int) -> Schedule {
        let chains = Chain.bidirectional(ranks: ranks, microbatches: microbatches)
        let order = ArrivalOrder(chains: chains, rankCount: ranks, window: (ranks + 1) / 2, backwardLength: 1)
        return Schedule(name: "Chimera", chains: chains, rows: order.rows())
    }
}
