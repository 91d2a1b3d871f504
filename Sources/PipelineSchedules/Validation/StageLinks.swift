/// A stage's neighbours: where their cells begin and which ranks wait for the stage; -1 for none.
struct StageLinks {
    let cells: Int
    /// Where compute looks for what it needs: -1, too, where a receive has waited for that.
    let previousCells: Int
    let nextCells: Int
    /// Where receives look for what is sent.
    let previousSendCells: Int
    let nextSendCells: Int
    let previousRank: Int
    let nextRank: Int

    static func all(_ layout: StageLayout, writesTransfers: Bool) -> [StageLinks] {
        (0..<layout.stageCount).map { stage in
            func cells(of other: Int) -> Int { other < 0 ? -1 : layout.cellOffsets[other] }
            func rank(of other: Int) -> Int { other < 0 ? -1 : layout.ranks[other] }
            let (previous, next) = (layout.previous[stage], layout.next[stage])
            let home = layout.ranks[stage]
            return StageLinks(
                cells: layout.cellOffsets[stage],
                previousCells: writesTransfers && rank(of: previous) != home ? -1 : cells(of: previous),
                nextCells: writesTransfers && rank(of: next) != home ? -1 : cells(of: next),
                previousSendCells: cells(of: previous), nextSendCells: cells(of: next),
                previousRank: rank(of: previous),
                nextRank: rank(of: next))
        }
    }
}
