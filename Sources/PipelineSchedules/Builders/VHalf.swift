extension Schedule {
    /// V-Half: a V-shaped chain at about half of 1F1B's activations.
    ///
    /// A rank holds at most (P+2)/2 activations of its whole share of the model, rounded down. The bubble is about half
    /// of 1F1B's. Source: Qi et al., "Pipeline Parallelism with Controllable Memory", 2024, whose building block the
    /// schedule repeats.
    static func vHalf(ranks: Int, microbatches: Int) -> Schedule {
        let block = BuildingBlock(
            name: "V-Half", ranks: ranks, microbatches: microbatches, activationLimit: 2 * ((ranks + 2) / 2))
        let gap = ranks.isMultiple(of: 2) ? 3 : 0
        return block.schedule { rank in
            [2 * rank, 3 * ranks - rank - 2, 3 * ranks + gap + 2 * rank - 1, 6 * ranks + gap - rank - 2]
        }
    }
}
