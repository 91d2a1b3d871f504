import PipelineSchedules

/// A crossover of two orders: the head of one, joined with the tail of the other, both without their unpaired weight
/// gradients. One schedule may begin well and another may end well.
struct OrderCrossing {
    let layout: StageLayout
    let stagesOfRank: [[Int]]

    init(_ layout: StageLayout, rankCount: Int) {
        self.layout = layout
        stagesOfRank = layout.stagesOfRank(rankCount: rankCount)
    }

    /// Returns, for each rank, the row of `head` up to about the fraction `part`, and then the missing actions in the
    /// order of `tail`.
    ///
    /// If no nearby cut has the same actions before it in both rows, the actions in which the rows differ run unpaired
    /// at the cut.
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

    /// The largest distance of the cut from the wanted position, in steps.
    private static let reach = 12

    /// Returns the number of forwards and of backwards of each of the rank's stages before each position of a row, and
    /// in the whole row.
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

    /// Returns the actions that lead from one count to another: backwards whose forward has run, then forwards, then
    /// the other backwards.
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
