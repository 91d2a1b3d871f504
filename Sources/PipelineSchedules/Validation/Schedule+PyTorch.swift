/// Why PyTorch's pipelining runtime would not run a valid schedule, or would run it wrongly.
public enum PyTorchIncompatibility: Hashable, Sendable, CustomStringConvertible {
    /// It knows one chain only, and would take two for one of all stages.
    case severalChains(Int)
    /// The last stage has to run its forwards in the order of their micro-batches: `action` comes too early.
    case lastStageOutOfOrder(Action, rank: Int, position: Int)
    /// The form with transfers must not have idle steps.
    case idleAmongTransfers(rank: Int, position: Int)
    /// Sharding actions are refused in the compute-only form, which adds its own.
    case shardingWithoutTransfers(Action, rank: Int, position: Int)

    /// One line: what, where, and what to do.
    public var description: String {
        switch self {
        case .severalChains(let count):
            "PyTorch knows one chain, and this schedule has \(count): use a schedule of one chain"
        case .lastStageOutOfOrder(let action, let rank, let position):
            "rank \(rank), column \(position): \(action) comes before an earlier micro-batch, but PyTorch's last stage "
                + "runs forwards in order: sort them"
        case .idleAmongTransfers(let rank, let position):
            "rank \(rank), column \(position): PyTorch's form with transfers has no empty cells: remove it"
        case .shardingWithoutTransfers(let action, let rank, let position):
            "rank \(rank), column \(position): PyTorch's compute-only loader refuses \(action): remove it"
        }
    }
}

extension Schedule {
    /// What keeps PyTorch 2.13's `_PipelineScheduleRuntime` from running the schedule as it is meant, first fault of
    /// each kind; empty where nothing does. This is apart from ``validate(for:)``: the schedule may be valid all the
    /// same.
    ///
    /// - Complexity: O(actions).
    public func pyTorchIncompatibilities() -> [PyTorchIncompatibility] {
        var incompatibilities: [PyTorchIncompatibility] = []
        if chains.count > 1 { incompatibilities.append(.severalChains(chains.count)) }
        let writesTransfers = hasTransfers
        let lastStages = Set(chains.map { $0.stages.upperBound - 1 })
        var next = [Int: Int]()
        var (hasDisorder, hasIdle, hasSharding) = (false, false, false)
        for (rank, row) in rows.enumerated() {
            for (position, step) in row.enumerated() {
                if step == .idle, writesTransfers, !hasIdle {
                    hasIdle = true
                    incompatibilities.append(.idleAmongTransfers(rank: rank, position: position))
                }
                step.forEachAction { action in
                    if !action.kind.hasMicrobatch, !writesTransfers, !hasSharding {
                        hasSharding = true
                        incompatibilities.append(.shardingWithoutTransfers(action, rank: rank, position: position))
                    }
                    guard action.kind == .forward, lastStages.contains(action.stage) else { return }
                    if action.microbatch != next[action.stage, default: 0], !hasDisorder {
                        hasDisorder = true
                        incompatibilities.append(.lastStageOutOfOrder(action, rank: rank, position: position))
                    }
                    next[action.stage] = action.microbatch + 1
                }
            }
        }
        return incompatibilities
    }
}
