extension Chain {
    /// One chain of `chunks` stages per rank, stage s on rank s mod P.
    package static func looped(ranks: Int, microbatches: Int, chunks: Int) -> Chain {
        let stages = ranks * chunks
        return Chain(stages: 0..<stages, ranks: (0..<stages).map { $0 % ranks }, microbatchCount: microbatches)
    }

    /// One chain that runs down the ranks and back up `chunks` / 2 times. Rank r holds stages r, 2P-1-r, 2P+r, …
    package static func wave(ranks: Int, microbatches: Int, chunks: Int) -> Chain {
        let stages = ranks * chunks
        let stageRanks = (0..<stages).map { stage in
            let (lap, offset) = stage.quotientAndRemainder(dividingBy: ranks)
            return lap.isMultiple(of: 2) ? offset : ranks - 1 - offset
        }
        return Chain(stages: 0..<stages, ranks: stageRanks, microbatchCount: microbatches)
    }

    /// Two chains from opposite ends. Rank r holds stages r and 2P-1-r. For an odd number of micro-batches, the first
    /// chain takes the larger half.
    package static func bidirectional(ranks: Int, microbatches: Int) -> [Chain] {
        [
            Chain(stages: 0..<ranks, ranks: Array(0..<ranks), microbatchCount: microbatches - microbatches / 2),
            Chain(stages: ranks..<2 * ranks, ranks: (0..<ranks).reversed(), microbatchCount: microbatches / 2),
        ]
    }
}
