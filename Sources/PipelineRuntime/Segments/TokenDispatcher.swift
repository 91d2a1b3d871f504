package import DistributedRuntime
import LibTorch
package import MoEModels

/// The exchanges of an expert-parallel group. Each exchange starts at once and is waited for when its result is read.
package struct TokenDispatcher {
    /// The result of an exchange that may still be pending.
    struct Pending {
        let tensor: Tensor
        let work: PendingWork?
    }

    private let group: ProcessGroup?
    private let countsGroup: ProcessGroup?
    private let shared: SharedMemoryGroup?
    private let share: ParameterSet.ExpertShare
    /// Whether other work runs while an exchange is pending. If not, each exchange is waited for at once.
    let overlaps: Bool

    /// - Parameters:
    ///   - group: The expert-parallel group; nil if one rank holds all experts.
    ///   - countsGroup: A second group of the same ranks for counts, so that counts do not queue behind tokens.
    ///   - shared: The same ranks over shared memory, for exchanges that fit in it; nil if they do not share memory.
    ///   - overlaps: Whether other work runs while an exchange is pending.
    package init(
        group: ProcessGroup?, countsGroup: ProcessGroup?, shared: SharedMemoryGroup? = nil,
        share: ParameterSet.ExpertShare, overlaps: Bool = true
    ) {
        self.group = group
        self.countsGroup = countsGroup
        self.shared = shared
        self.share = share
        self.overlaps = overlaps
    }

    /// Gathers the counts [experts] of all ranks as [ranks, experts].
    func gatherCounts(_ counts_E: Tensor) throws -> Pending {
        let shape = [share.count, counts_E.elementCount]
        guard let countsGroup else { return Pending(tensor: try counts_E.reshaped(shape), work: nil) }
        // Gloo requires an output with as many dimensions as the input.
        let gathered = try Tensor.empty([shape[0] * shape[1]], .int64)
        let work = try countsGroup.allGather(into: gathered, from: counts_E)
        return Pending(tensor: try gathered.reshaped(shape), work: work)
    }

    /// Sends rows to the ranks that hold their experts. If `reversed` is true, returns rows from these ranks to the
    /// ranks that they came from.
    func exchange(_ rows: Tensor, counts: GatheredCounts, reversed: Bool) throws -> Pending {
        guard let group else { return Pending(tensor: rows, work: nil) }
        let dispatched = try (0..<share.count).map { try counts.rows(from: share.index, to: $0) }
        let hosted = try (0..<share.count).map { try counts.rows(from: $0, to: share.index) }
        let (sent, received) = reversed ? (hosted, dispatched) : (dispatched, hosted)
        let output = try Tensor.empty([received.reduce(0, +)] + rows.shape.dropFirst(), rows.type)
        var carrier = group
        if let shared {
            // All members see all counts, so that all make the same choice.
            let ranks = 0..<share.count
            let row = try rows.shape.dropFirst().reduce(rows.type.byteCount, *)
            let hasRoom = try ranks.allSatisfy { rank in
                let sent = try ranks.reduce(0) {
                    $0 + (reversed ? try counts.rows(from: $1, to: rank) : try counts.rows(from: rank, to: $1))
                }
                return sent * row <= shared.capacity
            }
            if hasRoom { carrier = shared }
        }
        let work = try carrier.allToAll(into: output, outputRows: received, from: rows.contiguous(), inputRows: sent)
        return Pending(tensor: output, work: work)
    }
}
