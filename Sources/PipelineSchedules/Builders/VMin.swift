extension Schedule {
    /// V-Min: a V-shaped chain at about a third of 1F1B's activations, the fewest that keep 1F1B's throughput.
    ///
    /// A rank holds at most (P+4)/3 activations of its whole share of the model, rounded down. The bubble is about two
    /// thirds of 1F1B's. Source: Qi et al., "Pipeline Parallelism with Controllable Memory", 2024, whose building block
    /// the schedule repeats.
    static func vMin(ranks: Int, microbatches: Int) -> Schedule {
        let block = BuildingBlock(
            name: "V-Min", ranks: ranks, microbatches: microbatches, activationLimit: 2 * ((ranks + 4) / 3))
        let gap = ranks.isMultiple(of: 3) ? 2 : 0
        return block.schedule { rank in
            [rank, 2 * ranks - rank - 1, 2 * ranks + gap + rank, 4 * ranks + gap - rank - 1]
        }
    }
}
