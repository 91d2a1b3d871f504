extension Schedule {
    /// ZB-V: one chain of 2P stages down the ranks and back up, with every backward split.
    ///
    /// No bubble at F = I = W but the ranks' shifted starts, at 1F1B's memory. Source: Qi et al., "Pipeline Parallelism
    /// with Controllable Memory", 2024; the order is that of PyTorch's `ScheduleZBVZeroBubble`, which writes fewer than
    /// 2P-1 micro-batches by leaving out what the larger step has more.
    static func zeroBubbleV(ranks: Int, microbatches: Int) -> Schedule {
        let built = max(2 * ranks - 1, microbatches)
        let rows = (0..<ranks).map { rank in
            var row = ZeroBubbleVRow(down: rank, up: 2 * ranks - 1 - rank, microbatches: microbatches)
            for _ in 0..<2 * (ranks - rank) - 1 { row.forward(0) }
            for _ in 0..<rank {
                row.forward(1)
                row.forward(0)
            }
            for _ in 0..<ranks - rank {
                row.forward(1)
                row.backward(1)
            }
            while row.forwards[1] < row.forwards[0] || row.forwards[0] < built {
                if row.forwards[0] < built { row.forward(0) }
                row.backward(0)
                row.forward(1)
                row.backward(1)
            }
            for _ in 0..<rank {
                row.inputGradient(0)
                row.inputGradient(1)
            }
            for _ in 0..<ranks - rank {
                row.inputGradient(0)
                row.weightGradient(0)
            }
            while row.weights[1] < row.inputs[1] { row.weightGradient(1) }
            while row.weights[0] < row.inputs[0] { row.weightGradient(0) }
            return row.steps
        }
        return Schedule(
            name: "ZB-V", chains: [.wave(ranks: ranks, microbatches: microbatches, chunks: 2)], rows: rows)
    }
}

/// One rank's row: counts as for a step that is large enough, and keeps what the step really has.
private struct ZeroBubbleVRow {
    private let stages: [Int]
    private let microbatches: Int
    private(set) var steps: [Step] = []
    private(set) var forwards = [0, 0]
    private(set) var inputs = [0, 0]
    private(set) var weights = [0, 0]

    init(down: Int, up: Int, microbatches: Int) {
        stages = [down, up]
        self.microbatches = microbatches
        steps.reserveCapacity(6 * microbatches)
    }

    mutating func forward(_ lane: Int) {
        append(.forward, lane, forwards[lane])
        forwards[lane] += 1
    }

    mutating func inputGradient(_ lane: Int) {
        append(.inputGradient, lane, inputs[lane])
        inputs[lane] += 1
    }

    mutating func weightGradient(_ lane: Int) {
        append(.weightGradient, lane, weights[lane])
        weights[lane] += 1
    }

    mutating func backward(_ lane: Int) {
        inputGradient(lane)
        weightGradient(lane)
    }

    private mutating func append(_ kind: ActionKind, _ lane: Int, _ microbatch: Int) {
        guard microbatch < microbatches else { return }
        steps.append(Step(Action(kind, stage: stages[lane], microbatch: microbatch)))
    }
}
