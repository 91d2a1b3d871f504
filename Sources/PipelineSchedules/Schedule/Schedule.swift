/// What each rank of a pipeline does, in which order.
///
/// A schedule is a value: it is built (``BuiltInSchedule``) or read from a CSV, validated, simulated, drawn and
/// executed, and nothing downstream decides order. It says which micro-batches run where, not when: times come from
/// costs.
public struct Schedule: Hashable, Sendable {
    /// What people call the schedule, such as `DualPipe`.
    public var name: String
    /// The lines of stages that micro-batches pass through; two where the schedule is bidirectional.
    public var chains: [Chain]
    /// The ordered steps of each rank: `rows[rank][position]`.
    public var rows: [[Step]]

    /// A schedule of the given parts, right or wrong; ``validate(for:)`` tells.
    public init(name: String, chains: [Chain], rows: [[Step]]) {
        self.name = name
        self.chains = chains
        self.rows = rows
    }

    /// How many ranks the pipeline has.
    public var rankCount: Int { rows.count }

    /// How many stages there are, over all chains.
    public var stageCount: Int { chains.reduce(0) { $0 + $1.stages.count } }

    /// How many micro-batches a step has, over all chains.
    public var microbatchCount: Int { chains.reduce(0) { $0 + $1.microbatchCount } }

    /// How many actions the rows hold; an overlapped pair counts as two. O(steps).
    public var actionCount: Int { rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1.actionCount } } }

    /// Whether sends and receives are written out; a compute-only schedule implies them.
    public var hasTransfers: Bool { rows.contains { $0.contains { $0.first?.kind.isTransfer ?? false } } }

    /// The index of the chain that `stage` belongs to, or nil where no chain has it.
    public func chainIndex(ofStage stage: Int) -> Int? { chains.firstIndex { $0.stages.contains(stage) } }

    /// The stages that `rank` holds, over all chains, in ascending order.
    public func stages(ofRank rank: Int) -> [Int] {
        chains.flatMap { chain in chain.stages.filter { chain.rank(ofStage: $0) == rank } }
    }
}
