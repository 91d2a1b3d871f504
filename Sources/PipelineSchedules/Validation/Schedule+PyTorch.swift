/// A reason why PyTorch's pipelining runtime would refuse a valid schedule or run it wrongly.
public enum PyTorchIncompatibility: Hashable, Sendable, CustomStringConvertible {
    /// The schedule has several chains. PyTorch supports one chain, and would treat the stages of all chains as one
    /// chain.
    case severalChains(Int)
    /// The last stage has to run its forwards in the order of their micro-batches: `action` comes too early.
    case lastStageOutOfOrder(Action, rank: Int, position: Int)
    /// An idle step in the form with transfers, which must not have any.
    case idleAmongTransfers(rank: Int, position: Int)
    /// A sharding action or a gradient reduction in the compute-only form. PyTorch adds these actions itself.
    case shardingWithoutTransfers(Action, rank: Int, position: Int)
    /// The file begins with a byte-order mark.
    case byteOrderMark
    /// The file ends with rows that have no action. PyTorch counts them as ranks.
    case emptyRowsAtEnd(Int)

    /// One line: the location, the reason and the remedy.
    public var description: String {
        switch self {
        case .severalChains(let count):
            "PyTorch supports one chain, but this schedule has \(count): use a schedule of one chain"
        case .lastStageOutOfOrder(let action, let rank, let position):
            "rank \(rank), column \(position): \(action) comes before an earlier micro-batch, but PyTorch's last stage "
                + "runs forwards in order: sort them"
        case .idleAmongTransfers(let rank, let position):
            "rank \(rank), column \(position): PyTorch's form with transfers has no empty cells: remove the cell"
        case .shardingWithoutTransfers(let action, let rank, let position):
            "rank \(rank), column \(position): PyTorch's compute-only loader refuses \(action): remove it"
        case .byteOrderMark: "PyTorch's loader refuses the byte-order mark of the file: save it without one"
        case .emptyRowsAtEnd(1): "PyTorch's loader counts the empty row at the end of the file as a rank: remove it"
        case .emptyRowsAtEnd(let count):
            "PyTorch's loader counts the \(count) empty rows at the end of the file as ranks: remove them"
        }
    }
}

extension PyTorchIncompatibility {
    /// Returns the reasons why PyTorch's loader would not read a file of which ``Schedule/init(csv:name:chainCount:)``
    /// ignores the marks of a spreadsheet. O(bytes).
    ///
    /// - Throws: ``ScheduleCSVError`` if the file is not a schedule.
    public static func ofFile(csv: [UInt8]) throws(ScheduleCSVError) -> [PyTorchIncompatibility] {
        let file = try CSVRows(csv: csv.span)
        return (file.hasByteOrderMark ? [.byteOrderMark] : [])
            + (file.emptyRowsAtEnd > 0 ? [.emptyRowsAtEnd(file.emptyRowsAtEnd)] : [])
    }
}

extension Schedule {
    /// Returns the reasons why PyTorch 2.13's `_PipelineScheduleRuntime` would not run the schedule as intended, the
    /// first of each kind; empty if there are none. A schedule may be incompatible although ``validate(for:)`` accepts
    /// it.
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
