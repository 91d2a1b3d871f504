/// A sequence of stages that a share of the micro-batches passes through, from the first stage to the last.
///
/// Most schedules have one chain. Bidirectional ones (DualPipe, Chimera) have two, and each is a whole copy of the
/// model: the second chain runs up the ranks while the first runs down.
public struct Chain: Hashable, Sendable {
    /// The chain's stages. The chains of a schedule number the stages 0 ..< `stageCount` in order.
    public var stages: Range<Int>
    /// The rank of each stage, in the order of `stages`.
    public var ranks: [Int]
    /// The number of micro-batches that pass through the chain; they are numbered from 0.
    public var microbatchCount: Int

    /// A chain whose stage `stages.lowerBound + k` is on rank `ranks[k]`.
    ///
    /// - Precondition: `ranks` has one element per stage.
    public init(stages: Range<Int>, ranks: [Int], microbatchCount: Int) {
        precondition(ranks.count == stages.count, "a chain needs one rank per stage")
        self.stages = stages
        self.ranks = ranks
        self.microbatchCount = microbatchCount
    }

    /// Returns the rank that holds `stage`.
    public func rank(ofStage stage: Int) -> Int { ranks[stage - stages.lowerBound] }
}
