extension Schedule {
    /// GPipe: every forward, then every backward.
    ///
    /// The bubble is (P-1)(F+B) per rank, and each rank holds M activations. Source: Huang et al., "GPipe", 2019; the
    /// order of backwards is that of PyTorch's `ScheduleGPipe`.
    static func gpipe(ranks: Int, microbatches: Int) -> Schedule {
        linear("GPipe", ranks: ranks, microbatches: microbatches) { _, row in
            for _ in 0..<microbatches { row.forward(0) }
            for _ in 0..<microbatches { row.backward(0) }
        }
    }

    /// A schedule with one chain and one stage per rank. `write` writes each row.
    static func linear(
        _ name: String, ranks: Int, microbatches: Int, write: (_ rank: Int, _ row: inout RowBuilder) -> Void
    ) -> Schedule {
        let rows = (0..<ranks).map { rank in
            var row = RowBuilder(RowBuilder.Lane(stage: rank, microbatchCount: microbatches))
            write(rank, &row)
            return row.steps
        }
        return Schedule(name: name, chains: [.looped(ranks: ranks, microbatches: microbatches, chunks: 1)], rows: rows)
    }
}
