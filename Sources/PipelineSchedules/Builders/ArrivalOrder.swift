/// Orders full backwards and forwards by running them: whenever a rank is free, it takes the best of what has arrived.
///
/// Backwards go first, then forwards of later stages before those of earlier ones, older micro-batches before younger. A
/// chain lets a micro-batch in while fewer than `window` are in it. The order follows one clock, on which a forward takes
/// one unit, so that it cannot deadlock. O(actions · stages a rank).
struct ArrivalOrder {
    let chains: [Chain]
    let rankCount: Int
    /// The most micro-batches of one chain that are between their first forward and their last backward.
    let window: Int
    /// How many units of the clock a backward takes.
    let backwardLength: Int

    private static let forwardLength = 1

    /// The steps of each rank.
    func rows() -> [[Step]] {
        let layout = StageLayout(chains)
        var stagesOfRank = [[Int]](repeating: [], count: rankCount)
        for stage in 0..<layout.stageCount { stagesOfRank[layout.ranks[stage]].append(stage) }
        var rows = [[Step]](repeating: [], count: rankCount)
        var free = [Int](repeating: 0, count: rankCount)
        var forwards = [Int](repeating: 0, count: layout.stageCount)
        var backwards = forwards
        var forwardEnds = [Int](repeating: .max, count: layout.cellCount)
        var backwardEnds = forwardEnds
        var left = 2 * layout.cellCount
        var time = 0

        func canRunForward(_ stage: Int) -> Bool {
            guard forwards[stage] < layout.microbatchCounts[stage] else { return false }
            let source = layout.previous[stage]
            guard source >= 0 else { return forwards[stage] - backwards[stage] < window }
            return forwardEnds[layout.cellOffsets[source] + forwards[stage]] <= time
        }
        func canRunBackward(_ stage: Int) -> Bool {
            let microbatch = backwards[stage]
            guard microbatch < forwards[stage] else { return false }
            let source = layout.next[stage]
            guard source >= 0 else { return forwardEnds[layout.cellOffsets[stage] + microbatch] <= time }
            return backwardEnds[layout.cellOffsets[source] + microbatch] <= time
        }
        while left > 0 {
            for rank in 0..<rankCount where free[rank] <= time {
                if let stage = stagesOfRank[rank].filter(canRunBackward).min(by: { backwards[$0] < backwards[$1] }) {
                    rows[rank].append(Step(Action(.backward, stage: stage, microbatch: backwards[stage])))
                    free[rank] = time + backwardLength
                    backwardEnds[layout.cellOffsets[stage] + backwards[stage]] = free[rank]
                    backwards[stage] += 1
                } else if let stage = stagesOfRank[rank].filter(canRunForward).max(by: { depth($0) < depth($1) }) {
                    rows[rank].append(Step(Action(.forward, stage: stage, microbatch: forwards[stage])))
                    free[rank] = time + Self.forwardLength
                    forwardEnds[layout.cellOffsets[stage] + forwards[stage]] = free[rank]
                    forwards[stage] += 1
                } else {
                    continue
                }
                left -= 1
            }
            time += 1
        }
        return rows

        func depth(_ stage: Int) -> Int { stage - chains[layout.chains[stage]].stages.lowerBound }
    }
}
