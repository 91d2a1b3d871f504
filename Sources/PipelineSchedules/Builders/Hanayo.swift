extension Schedule {
    /// Hanayo: a chain that runs down the ranks and back up once for every two chunks, a wave.
    ///
    /// P micro-batches fill the pipeline and the next P may follow before these leave, so that at most 2P are on their
    /// way. Chimera's idea without its second copy of the parameters; more waves make bubbles smaller. Source: Liu et
    /// al., "Hanayo: Harnessing Wave-like Pipeline Parallelism for Enhanced Large Model Training Efficiency", 2023.
    static func hanayo(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        let chain = Chain.wave(ranks: ranks, microbatches: microbatches, chunks: chunks)
        let order = ArrivalOrder(chains: [chain], rankCount: ranks, window: 2 * ranks, backwardLength: 2)
        return Schedule(name: "Hanayo", chains: [chain], rows: order.rows())
    }
}
