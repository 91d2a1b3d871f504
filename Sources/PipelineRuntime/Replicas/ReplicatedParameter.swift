import DistributedRuntime
import ExpertBalancing
import LibTorch
import MoEModels

/// A parameter of routed experts, as one rank of an expert-parallel group holds it: the experts that the rank owns, and
/// replicas of experts that other ranks own.
struct ReplicatedParameter {
    let name: String
    private let layer: Int
    private let layout: ExpertLayout
    private let rank: Int
    /// The values and gradients of the experts that the rank owns, [experts, shape…].
    private let values, gradients: Tensor
    /// The values and the gradients of the rank's replicas, ordered by their owners: [slots, shape…].
    private let replicas: Tensor
    let replicaGradients: Tensor
    /// The replicas as the model computes with them; nil if the rank has no slots for replicas.
    let leaf: Tensor?

    init(
        _ name: String, layer: Int, layout: ExpertLayout, rank: Int, values: Tensor, gradients: Tensor
    ) throws {
        self.name = name
        self.layer = layer
        self.layout = layout
        self.rank = rank
        self.values = values
        self.gradients = gradients
        let count = layout.layers[layer].replicaSlots[rank]
        let shape = [count] + values.shape.dropFirst()
        replicas = try .zeros(shape, values.type)
        replicaGradients = try .zeros(shape, gradients.type)
        leaf = count == 0 ? nil : try replicas.leaf()
        try leaf?.setGradient(replicaGradients)
    }

    /// The positions, among the experts that the rank owns, of those that each rank has a replica of, in the order of that
    /// rank's replicas.
    private var copied: [[Int]] {
        let slots = layout.layers[layer]
        return slots.replicas.map { replicas in
            replicas.filter { slots.owners[$0] == rank }.map { slots.owned[rank].firstIndex(of: $0) ?? 0 }
        }
    }

    /// The number of this rank's replicas that each rank owns.
    private var copyCounts: [Int] {
        let slots = layout.layers[layer]
        return (0..<slots.rankCount).map { owner in slots.replicas[rank].count { slots.owners[$0] == owner } }
    }

    /// Starts to send the values of this rank's experts to their replicas, and to receive those of its own replicas.
    func startRefresh(in group: ProcessGroup) throws -> PendingWork {
        let (copied, counts) = (copied, copyCounts)
        let all = copied.flatMap { $0 }
        return try group.allToAll(
            into: replicas.narrowed(0, 0..<counts.reduce(0, +)), outputRows: counts,
            from: values.selected(0, Tensor(all, shape: [all.count])), inputRows: copied.map(\.count))
    }

    /// Starts to return the gradients of this rank's replicas to their owners.
    ///
    /// - Returns: The gradients that the replicas of this rank's experts will have returned, and the work.
    func startReturn(in group: ProcessGroup) throws -> (returned: Tensor, work: PendingWork) {
        let (sent, counts) = (copied.map(\.count), copyCounts)
        let returned = try Tensor.empty([sent.reduce(0, +)] + gradients.shape.dropFirst(), gradients.type)
        let work = try group.allToAll(
            into: returned, outputRows: sent, from: replicaGradients.narrowed(0, 0..<counts.reduce(0, +)),
            inputRows: counts)
        return (returned, work)
    }

    /// Adds returned gradients to those of the experts, in the order of slots.
    func add(_ returned: Tensor) throws {
        for (row, expert) in copied.joined().enumerated() {
            try gradients.narrowed(0, expert..<expert + 1).add(returned.narrowed(0, row..<row + 1))
        }
    }
}
