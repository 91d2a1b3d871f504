extension Schedule {
    /// Chimera: two chains from opposite ends, each with half of the micro-batches, merged without overlap.
    ///
    /// Half of the pipeline's depth of each chain is under way at once; further micro-batches follow as these leave,
    /// the paper's direct concatenation. Bubble (P-2) of 2M+P-2 parts where F = B. Two stages' parameters a rank.
    /// Source: Li and Hoefler, "Chimera: Efficiently Training Large-Scale Neural Networks with Bidirectional
    /// Pipelines", 2021. The paper asks for even P and M in multiples of P; here a chain has P/2 on its way, rounded
    /// up, and ends when it ends.
    static func chimera(ranks: Int, microbatches: Int) -> Schedule {
        let chains = Chain.bidirectional(ranks: ranks, microbatches: microbatches)
        let order = ArrivalOrder(chains: chains, rankCount: ranks, window: (ranks + 1) / 2, backwardLength: 1)
        return Schedule(name: "Chimera", chains: chains, rows: order.rows())
    }
}
