package import DistributedRuntime
import LibTorch
package import MoEModels

/// The exchanges of an expert-parallel group: each starts at once and is waited for when its result is read.
package struct TokenDispatcher {
    /// A result that may still be on its way.
    struct Pending {
        let tensor: Tensor
        let work: PendingWork?
    }

    private let group: ProcessGroup?
    private let countsGroup: ProcessGroup?
    private let shared: SharedMemoryGroup?
    private let share: ParameterSet.ExpertShare
    /// Whether anything runs while an exchange is under way.
    let overlaps: Bool

    /// - Parameters:
    ///   - group: The expert-parallel group; nil where one rank holds all experts.
    ///   - countsGroup: The same ranks, for counts alone, so that they do not queue behind tokens.
    ///   - shared: The same ranks where they see each other's memory, for whatever has room there.
    ///   - overlaps: Whether anything runs while an exchange is under way.
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

    /// Gathers everyone's counts [experts] as [ranks, experts].
    func gatherCounts(_ counts_E: Tensor) throws -> Pending {
        let shape = [share.count, counts_E.elementCount]
        guard let countsGroup else { return Pending(tensor: try counts_E.reshaped(shape), work: nil) }
        // Gloo gathers into a tensor of the input's rank.
        let gathered = try Tensor.empty([shape[0] * shape[1]], .int64)
        let work = try countsGroup.allGather(into: gathered, from: counts_E)
        return Pending(tensor: try gathered.reshaped(shape), work: work)
    }

    /// Takes rows to the ranks of their experts, or, `reversed`, back.
    func exchange(_ rows: Tensor, gathered_RE: Tensor, reversed: Bool) throws -> Pending {
        guard let group else { return Pending(tensor: rows, work: nil) }
        let gathered = try gathered_RE.integers()
        let expertCount = gathered.count / share.count
        func count(from rank: Int, to owner: Int) -> Int {
            let experts = ParameterSet.ExpertShare(index: owner, count: share.count).experts(of: expertCount)
            return experts.reduce(0) { $0 + gathered[rank * expertCount + $1] }
        }
        let away = (0..<share.count).map { count(from: share.index, to: $0) }
        let here = (0..<share.count).map { count(from: $0, to: share.index) }
        let (sent, received) = reversed ? (here, away) : (away, here)
        let output = try Tensor.empty([received.reduce(0, +)] + rows.shape.dropFirst(), rows.type)
        var carrier = group
        if let shared {
            // All members see all counts and decide alike.
            let ranks = 0..<share.count
            let row = try rows.shape.dropFirst().reduce(rows.type.byteCount, *)
            let hasRoom = ranks.allSatisfy { rank in
                let sent = ranks.reduce(0) { $0 + (reversed ? count(from: $1, to: rank) : count(from: rank, to: $1)) }
                return sent * row <= shared.capacity
            }
            if hasRoom { carrier = shared }
        }
        let work = try carrier.allToAll(into: output, outputRows: received, from: rows.contiguous(), inputRows: sent)
        return Pending(tensor: output, work: work)
    }
}
