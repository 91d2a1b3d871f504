/// A stage's neighbours: where their cells begin and which ranks wait for the stage; -1 for none.
struct StageLinks {
    let cells: Int
    let previousCells: Int
    let nextCells: Int
    let previousRank: Int
    let nextRank: Int

    static func all(_ layout: StageLayout) -> [StageLinks] {
        (0..<layout.stageCount).map { stage in
            let (previous, next) = (layout.previous[stage], layout.next[stage])
            return StageLinks(
                cells: layout.cellOffsets[stage], previousCells: previous < 0 ? -1 : layout.cellOffsets[previous],
                nextCells: next < 0 ? -1 : layout.cellOffsets[next],
                previousRank: previous < 0 ? -1 : layout.ranks[previous], nextRank: next < 0 ? -1 : layout.ranks[next])
        }
    }
}

/// The progress of a schedule that implies its transfers.
struct ComputeProgress {
    let done: UnsafeMutableBufferPointer<ActionBits>
    let links: UnsafeBufferPointer<StageLinks>
    let awaitedCells: UnsafeMutableBufferPointer<Int>

    /// Whether what a compute needs has run on the neighbouring stage.
    @inline(__always)
    func isReady(_ action: Action) -> Bool {
        let link = links[action.stage]
        switch action.kind {
        case .forward:
            return link.previousCells < 0 || done[link.previousCells + action.microbatch].contains(.forward)
        case .backward, .inputGradient:
            return link.nextCells < 0
                || !done[link.nextCells + action.microbatch].isDisjoint(with: .inputReady)
        default:
            return true
        }
    }

    @inline(__always)
    func finish(_ action: Action, waking runnable: inout [Int]) {
        let link = links[action.stage]
        let cell = link.cells + action.microbatch
        done[cell].formUnion(ActionBits(action.kind))
        let consumer: Int
        switch action.kind {
        case .forward: consumer = link.nextRank
        case .backward, .inputGradient: consumer = link.previousRank
        default: return
        }
        if consumer >= 0, awaitedCells[consumer] == cell {
            awaitedCells[consumer] = -1
            runnable.append(consumer)
        }
    }
}
