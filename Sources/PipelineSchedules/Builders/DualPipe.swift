extension Schedule {
    /// DualPipe: two chains over the same ranks, one from each end, whose forwards and backwards overlap in pairs.
    ///
    /// Rank r holds stage r of the first chain and stage 2P-1-r of the second; the second chain's stage P+k is a copy
    /// of stage k. The first chain takes the first half of the micro-batches, or the larger half if M is odd. For even
    /// P and even M >= 2P the order is exactly DeepSeek's. Each rank then has a bubble of (P/2-1)(F&B+B-3W) if F = W =
    /// B/2, holds at most P+1 activations, and holds the parameters of two stages. Source: DeepSeek-V3 technical
    /// report, 2024, and the order that the published `DualPipe.step` issues.
    ///
    /// Other sizes generalise this order. For odd P, the rows are those of P+1 ranks without the last rank. Activations
    /// and gradients skip that rank and arrive earlier, so the order stays valid; bubble and activations are those of
    /// P+1 ranks. For M < 2P, a phase skips the actions for which no micro-batch is left. Odd M takes as long as M+1.
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

    /// DualPipeV: half of DualPipe over 2P ranks, as one chain of 2P stages. Rank r holds stages r and 2P-1-r.
    ///
    /// Bubble and activations are those of DualPipe on 2P ranks, without its second copy of the parameters. Source:
    /// DeepSeek's published `DualPipeV.step`, after Sea AI Lab's "cut-in-half". For M >= 2P the order is exactly
    /// DeepSeek's.
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

    /// Returns DeepSeek's eight phases for the rank at `distance` from the nearer end of a bidirectional pipeline of
    /// `ranks` ranks.
    ///
    /// Lane 0 is the chain that enters at the near end, lane 1 the chain that comes from the far end.
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
                // If this pair were overlapped, its forward would wait for the input of the backward, and the step
                // would be longer.
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
