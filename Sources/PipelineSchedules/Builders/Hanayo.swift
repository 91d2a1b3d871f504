extension Schedule {
    /// Hanayo: one chain that runs down the ranks and back up once per wave of two chunks.
    ///
    /// P micro-batches fill the pipeline, and the next P may enter before these leave, so at most 2P are in flight.
    /// Hanayo follows Chimera, but needs no second copy of the parameters. More waves make the bubble smaller. Source:
    /// Liu et al., "Hanayo: Harnessing Wave-like Pipeline Parallelism for Enhanced Large Model Training Efficiency",
    /// 2023.
    static func hanayo(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let chain = Chain.wave(ranks: ranks, microbatches: microbatches, chunks: chunks)
        let order = ArrivalOrder(chains: [chain], rankCount: ranks, window: 2 * ranks, backwardLength: 2)
        return Schedule(name: "Hanayo", chains: [chain], rows: order.rows())
    }
}
