/// The dependencies of a stage's actions: the results that they wait for, and the ranks that wait for their results. -1
/// stands for none.
///
/// A cell is a (stage, micro-batch). A stage's cells are contiguous in tables of all cells.
package struct StageLinks {
    /// The index of the stage's first cell.
    package let cells: Int
    /// The index of the first cell whose forward this stage's forwards wait for; also -1 if explicit receives wait for
    /// it instead.
    package let previousCells: Int
    /// The index of the first cell whose input gradient this stage's backwards wait for; also -1 if explicit receives
    /// wait for it instead.
    package let nextCells: Int
    /// The index of the first cell whose send this stage's forward receives wait for.
    let previousSendCells: Int
    /// The index of the first cell whose send this stage's backward receives wait for.
    let nextSendCells: Int
    /// The rank of the previous stage.
    package let previousRank: Int
    /// The rank of the next stage.
    package let nextRank: Int
    /// The time that a value takes from the previous stage.
    package let forwardDelay: Int64
    /// The time that a value takes from the next stage.
    package let backwardDelay: Int64

    /// Returns the links of every stage.
    ///
    /// - Parameters:
    ///   - writesTransfers: Whether sends and receives are actions of their own. Compute then follows the receives in
    ///     its row.
    ///   - delay: The time that a value takes from one rank to another. `delay` is also called for a rank and itself.
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

    /// Returns the result that an action of a kind waits for, and the first cell of the stage that provides it. The
    /// action's micro-batch is the offset from `cells`, which is -1 if the action waits for nothing.
    @inline(__always) func awaited(by kind: ActionKind) -> (cells: Int, result: ActionBits) {
        switch kind {
        case .forward: (previousCells, .forward)
        case .backward, .inputGradient: (nextCells, .inputReady)
        case .receiveForward: (previousSendCells, ActionBits(.sendForward))
        case .receiveBackward: (nextSendCells, ActionBits(.sendBackward))
        default: (-1, [])
        }
    }

    /// Returns the rank that waits for the result of an action of a kind; -1 if there is none.
    @inline(__always) func consumer(of kind: ActionKind) -> Int {
        switch kind {
        case .forward, .sendForward: nextRank
        case .backward, .inputGradient, .sendBackward: previousRank
        default: -1
        }
    }
}
