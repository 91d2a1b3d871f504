extension Schedule {
    /// ZB-V: one chain of 2P stages down the ranks and back up, with every backward split.
    ///
    /// At F = I = W the only bubble is that of the staggered starts of the ranks, at 1F1B's memory. Source: Qi et al.,
    /// "Zero Bubble Pipeline Parallelism", 2024 (the arXiv version); the order is that of PyTorch's
    /// `ScheduleZBVZeroBubble`. For fewer than 2P-1 micro-batches, PyTorch builds the order for 2P-1 and drops the
    /// actions of the missing micro-batches.
    static func zeroBubbleV(ranks: Int, microbatches: Int) -> Schedule {
        let built = max(2 * ranks - 1, microbatches)
        let rows = (0..<ranks).map { rank in
            var row = ZeroBubbleVRow(down: rank, up: 2 * ranks - 1 - rank, microbatches: microbatches)
            for _ in 0..<2 * (ranks - rank) - 1 { row.run(.forward, 0) }
            for _ in 0..<rank {
                row.run(.forward, 1)
                row.run(.forward, 0)
            }
            for _ in 0..<ranks - rank {
                row.run(.forward, 1)
                row.backward(1)
            }
            while row.count(.forward, 1) < row.count(.forward, 0) || row.count(.forward, 0) < built {
                if row.count(.forward, 0) < built { row.run(.forward, 0) }
                row.backward(0)
                row.run(.forward, 1)
                row.backward(1)
            }
            for _ in 0..<rank {
                row.run(.inputGradient, 0)
                row.run(.inputGradient, 1)
            }
            for _ in 0..<ranks - rank { row.backward(0) }
            while row.count(.weightGradient, 1) < row.count(.inputGradient, 1) { row.run(.weightGradient, 1) }
            while row.count(.weightGradient, 0) < row.count(.inputGradient, 0) { row.run(.weightGradient, 0) }
            return row.steps
        }
        return Schedule(name: "ZB-V", chains: [.wave(ranks: ranks, microbatches: microbatches, chunks: 2)], rows: rows)
    }
}

/// The row of one rank. The counts are those of a step with at least 2P-1 micro-batches. The steps hold only the
/// actions of micro-batches that exist.
private struct ZeroBubbleVRow {
    /// The stage of lane 0, which runs down the ranks, and that of lane 1, which runs up.
    private let stages: [Int]
    private let microbatches: Int
    /// The number of actions so far, per kind and lane, including those of missing micro-batches.
    private var counts = [Int](repeating: 0, count: 2 * ActionKind.allCases.count)
    private(set) var steps: [Step] = []

    init(down: Int, up: Int, microbatches: Int) {
        stages = [down, up]
        self.microbatches = microbatches
        steps.reserveCapacity(6 * microbatches)
    }

    func count(_ kind: ActionKind, _ lane: Int) -> Int { counts[2 * Int(kind.rawValue) + lane] }

    mutating func run(_ kind: ActionKind, _ lane: Int) {
        let microbatch = count(kind, lane)
        counts[2 * Int(kind.rawValue) + lane] += 1
        guard microbatch < microbatches else { return }
        steps.append(Step(Action(kind, stage: stages[lane], microbatch: microbatch)))
    }

    mutating func backward(_ lane: Int) {
        run(.inputGradient, lane)
        run(.weightGradient, lane)
    }
}
