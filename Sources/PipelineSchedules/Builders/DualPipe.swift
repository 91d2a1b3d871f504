extension Schedule {
    /// DualPipe: two chains over the same ranks, one from each end, whose forwards and backwards overlap in pairs.
    ///
    /// Rank r holds stage r of the first chain and stage 2P-1-r of the second; the second chain's stage P+k is a copy
    /// of stage k. The first chain takes the first half of the micro-batches, the larger half where M is odd. For even
    /// P and even M >= 2P the order is exactly DeepSeek's; its bubble is (P/2-1)(F&B+B-3W) a rank where F = W = B/2, it
    /// holds P+1 activations and the parameters of two stages. Source: DeepSeek-V3 technical report, 2024, and the
    /// order that the published `DualPipe.step` issues.
    ///
    /// The rest is generalised so. Odd P is P+1 ranks with the last left out: what it would wait for comes earlier, so
    /// the order stays possible, at the bubble and the activations of P+1. Where M < 2P, the moves that a phase has no
    /// micro-batch for are left out. Odd M takes as long as M+1.
    static func dualPipe(ranks: Int, microbatches: Int) -> Schedule {
        let chains = Chain.bidirectional(ranks: ranks, microbatches: microbatches)
        let evenRanks = ranks + ranks % 2
        let rows = (0..<ranks).map { rank in
            let lanes = zip([rank, 2 * ranks - 1 - rank], chains).map { stage, chain in
                RowBuilder.Lane(stage: stage, microbatchCount: chain.microbatchCount)
            }
            let near = 2 * rank < evenRanks ? 0 : 1
            return dualPipeRow(
                ranks: evenRanks, distance: min(rank, evenRanks - 1 - rank), near: lanes[near], far: lanes[1 - near])
        }
        return Schedule(name: "DualPipe", chains: chains, rows: rows)
    }

    /// DualPipeV: DualPipe over twice the ranks, cut in half: one chain of 2P stages, rank r holding r and 2P-1-r.
    ///
    /// Bubble and activations are those of DualPipe on 2P ranks, without its second copy of the parameters. Source:
    /// DeepSeek's published `DualPipeV.step`, after Sea AI Lab's "cut-in-half"; for M >= 2P the order is the same.
    static func dualPipeV(ranks: Int, microbatches: Int) -> Schedule {
        let stages = 2 * ranks
        let rows = (0..<ranks).map { rank in
            dualPipeRow(
                ranks: stages, distance: rank, near: RowBuilder.Lane(stage: rank, microbatchCount: microbatches),
                far: RowBuilder.Lane(stage: stages - 1 - rank, microbatchCount: microbatches))
        }
        let chain = Chain.wave(ranks: ranks, microbatches: microbatches, chunks: 2)
        return Schedule(name: "DualPipeV", chains: [chain], rows: rows)
    }

    /// DeepSeek's eight phases for the rank at `distance` from its end of a bidirectional pipeline of `ranks` ranks.
    ///
    /// Lane 0 is the chain that enters at the near end, lane 1 the one that comes from the far end.
    ///
    /// - Precondition: `ranks` is even.
    private static func dualPipeRow(ranks: Int, distance: Int, near: RowBuilder.Lane, far: RowBuilder.Lane) -> [Step] {
        let lead = ranks / 2 - distance - 1
        let isMiddle = lead == 0
        var row = RowBuilder(near, far)

        for _ in 0..<2 * lead { row.forward(0) }  // 1
        for _ in 0...distance {  // 2
            row.forward(0)
            row.forward(1)
        }
        for _ in 0..<lead {  // 3
            row.backward(1, deferringWeights: true)
            row.weight()
            row.forward(1)
        }
        var isFirst = true
        while row.lanes[0].canRunForward || row.lanes[1].forwardsLeft > lead {  // 4
            if isFirst && isMiddle {
                // Overlapping the very first pair in the middle would make both middle ranks wait for a backward.
                row.forward(0)
                row.backward(1)
            } else {
                row.overlap(forward: 0, backward: 1)
            }
            isFirst = false
            row.overlap(forward: 1, backward: 0)
        }
        for _ in 0..<lead {  // 5
            row.backward(1)
            row.overlap(forward: 1, backward: 0)
        }
        let half = (distance + 1) / 2
        for index in 0...distance {  // 6
            row.backward(1, deferringWeights: distance % 2 == 1 ? index >= half : index > half)
            row.backward(0, deferringWeights: index >= half)
        }
        for _ in 0..<lead {  // 7
            row.weight()
            row.backward(0, deferringWeights: true)
        }
        while row.lanes.contains(where: \.canRunBackward) {
            row.backward(1, deferringWeights: true)
            row.backward(0, deferringWeights: true)
        }
        while row.deferredCount > 0 { row.weight() }  // 8
        return row.steps
    }
}
