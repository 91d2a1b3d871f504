/// The ordered steps of each rank of a pipeline.
///
/// A schedule is a value. It is built (``BuiltInSchedule``) or read from a CSV, and then validated, simulated, drawn
/// and executed. None of these changes the order of the steps. A schedule has no times; times come from costs.
public struct Schedule: Hashable, Sendable {
    /// The schedule's name, such as `DualPipe`.
    public var name: String
    /// The sequences of stages that micro-batches pass through; two if the schedule is bidirectional.
    public var chains: [Chain]
    /// The ordered steps of each rank: `rows[rank][position]`.
    public var rows: [[Step]]

    /// Creates a schedule without checking it; see ``validate(for:)``.
    public init(name: String, chains: [Chain], rows: [[Step]]) {
        self.name = name
        self.chains = chains
        self.rows = rows
    }

    /// The number of ranks of the pipeline.
    public var rankCount: Int { rows.count }

    /// The number of stages over all chains.
    public var stageCount: Int { chains.reduce(0) { $0 + $1.stages.count } }

    /// The number of micro-batches per training step over all chains.
    public var microbatchCount: Int { chains.reduce(0) { $0 + $1.microbatchCount } }

    /// The number of actions in the rows; an overlapped pair counts as two. O(steps).
    public var actionCount: Int { rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1.actionCount } } }

    /// Whether the rows contain sends and receives. A compute-only schedule implies them.
    public var hasTransfers: Bool { rows.contains { $0.contains { $0.first?.kind.isTransfer ?? false } } }

    /// Returns the index of the chain that `stage` belongs to; nil if no chain has the stage.
    public func chainIndex(ofStage stage: Int) -> Int? { chains.firstIndex { $0.stages.contains(stage) } }

    /// Returns the stages that `rank` holds, over all chains, in ascending order.
    public func stages(ofRank rank: Int) -> [Int] {
        chains.flatMap { chain in chain.stages.filter { chain.rank(ofStage: $0) == rank } }
    }
}
