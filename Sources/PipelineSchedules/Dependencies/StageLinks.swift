/// The dependencies of a stage's actions: what each waits for, and which rank waits for it; -1 for none.
///
/// A cell is a (stage, micro-batch); a stage's cells lie side by side in tables of all cells.
package struct StageLinks {
    /// Where the stage's own cells begin.
    package let cells: Int
    /// Where the cells begin whose forwards a forward waits for: -1, too, if a receive has waited for them.
    package let previousCells: Int
    /// Where the cells begin whose input gradients a backward waits for: -1, too, if a receive has waited for them.
    package let nextCells: Int
    /// Where the cells begin whose sends a receive waits for.
    let previousSendCells: Int
    let nextSendCells: Int
    /// The ranks of the previous and the next stage.
    package let previousRank: Int
    package let nextRank: Int
    /// How long a value takes from the previous and from the next stage.
    package let forwardDelay: Int64
    package let backwardDelay: Int64

    /// The links of every stage.
    ///
    /// - Parameters:
    ///   - writesTransfers: Whether sends and receives are actions of their own, which compute then relies on.
    ///   - delay: How long a value takes from one rank to another; also asked for a rank and itself.
    package static func all(
        _ layout: StageLayout, writesTransfers: Bool = false,
        delay: (_ source: Int, _ target: Int) -> Int64 = { _, _ in 0 }
    ) -> [StageLinks] {
        (0..<layout.stageCount).map { stage in
            func cells(of other: Int) -> Int { other < 0 ? -1 : layout.cellOffsets[other] }
            func rank(of other: Int) -> Int { other < 0 ? -1 : layout.ranks[other] }
            let (previous, next) = (layout.previous[stage], layout.next[stage])
            let own = layout.ranks[stage]
            return StageLinks(
                cells: layout.cellOffsets[stage],
                previousCells: writesTransfers && rank(of: previous) != own ? -1 : cells(of: previous),
                nextCells: writesTransfers && rank(of: next) != own ? -1 : cells(of: next),
                previousSendCells: cells(of: previous), nextSendCells: cells(of: next),
                previousRank: rank(of: previous), nextRank: rank(of: next),
                forwardDelay: previous < 0 ? 0 : delay(rank(of: previous), own),
                backwardDelay: next < 0 ? 0 : delay(rank(of: next), own))
        }
    }

    /// What an action of a kind waits for: a result of the cell as many behind `cells` as its micro-batch; `cells` is
    /// -1 for nothing.
    @inline(__always) func awaited(by kind: ActionKind) -> (cells: Int, result: ActionBits) {
        switch kind {
        case .forward: (previousCells, .forward)
        case .backward, .inputGradient: (nextCells, .inputReady)
        case .receiveForward: (previousSendCells, ActionBits(.sendForward))
        case .receiveBackward: (nextSendCells, ActionBits(.sendBackward))
        default: (-1, [])
        }
    }

    /// The rank that waits for the result of an action of a kind; -1 for none.
    @inline(__always) func consumer(of kind: ActionKind) -> Int {
        switch kind {
        case .forward, .sendForward: nextRank
        case .backward, .inputGradient, .sendBackward: previousRank
        default: -1
        }
    }
}
