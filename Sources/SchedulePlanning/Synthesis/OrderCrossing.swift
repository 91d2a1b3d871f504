import PipelineSchedules

/// Joins the head of one order with the tail of another, both without their unpaired weight gradients: one schedule may
/// begin well and another end well.
struct OrderCrossing {
    let layout: StageLayout
    let stagesOfRank: [[Int]]

    init(_ layout: StageLayout, rankCount: Int) {
        self.layout = layout
        stagesOfRank = layout.stagesOfRank(rankCount: rankCount)
    }

    /// Every rank's row of `head` up to about `part` of it, and then what is missing of `tail`'s row.
    ///
    /// If the two do not have the same actions behind them at any position nearby, those of the difference run alone in
    /// between.
    func crossed(_ head: [[Step]], _ tail: [[Step]], at part: Double) -> [[Step]] {
        head.indices.map { rank in
            let heads = counts(head[rank], rank)
            let tails = counts(tail[rank], rank)
            let middle = Int(part * Double(head[rank].count))
            var best: (cut: Int, start: Int, missing: Int) = (head[rank].count, tail[rank].count, .max)
            for cut in max(middle - Self.reach, 0)...min(middle + Self.reach, head[rank].count) {
                let done = heads[cut]
                guard let start = tails.firstIndex(where: { zip($0, done).allSatisfy { $0 >= $1 } }) else { continue }
                let missing = zip(tails[start], done).reduce(0) { $0 + $1.0 - $1.1 }
                if missing < best.missing { best = (cut, start, missing) }
            }
            return Array(head[rank][..<best.cut]) + between(heads[best.cut], tails[best.start], rank)
                + tail[rank][best.start...]
        }
    }

    /// The distance from the wanted position a row is cut, in steps.
    private static let reach = 12

    /// The number of forwards and backwards of each of the rank's stages lie before each position of a row, and in all.
    private func counts(_ row: [Step], _ rank: Int) -> [[Int]] {
        let stages = stagesOfRank[rank]
        var count = [Int](repeating: 0, count: 2 * stages.count)
        var counts = [count]
        counts.reserveCapacity(row.count + 1)
        for step in row {
            for bits in [step.firstBits, step.secondBits] where bits != 0 {
                let action = Action(bits: bits)
                guard let index = stages.firstIndex(of: action.stage) else { continue }
                count[2 * index + (action.kind == .forward ? 0 : 1)] += 1
            }
            counts.append(count)
        }
        return counts
    }

    /// The forwards and backwards from one count to another: backwards whose forward is done, forwards, the rest.
    private func between(_ done: [Int], _ wanted: [Int], _ rank: Int) -> [Step] {
        var early: [Step] = []
        var forwards: [Step] = []
        var late: [Step] = []
        for (index, stage) in stagesOfRank[rank].enumerated() {
            for microbatch in done[2 * index]..<wanted[2 * index] {
                forwards.append(Step(Action(.forward, stage: stage, microbatch: microbatch)))
            }
            for microbatch in done[2 * index + 1]..<wanted[2 * index + 1] {
                let step = Step(Action(.inputGradient, stage: stage, microbatch: microbatch))
                if microbatch < done[2 * index] { early.append(step) } else { late.append(step) }
            }
        }
        return early + forwards + late
    }
}
