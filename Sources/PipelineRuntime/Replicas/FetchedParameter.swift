import DistributedRuntime
import ExpertBalancing
import LibTorch
import MoEModels

/// A parameter of routed experts whose replicas micro-batches fetch, as one rank of an expert-parallel group holds it.
struct FetchedParameter {
    let name: String
    let layer: Int
    let layout: ExpertLayout
    let rank: Int
    /// The gradients of the experts that the rank owns, [experts, shape…].
    let gradients: Tensor
    /// The gradients of the replicas that the rank has fetched.
    let sums: FetchedGradients

    /// Starts to return the gradients of the replicas that this rank has fetched to their owners. Every rank knows the
    /// replicas of all ranks, because all have made the same plans.
    func startReturn(in group: ProcessGroup) throws -> (returned: Tensor, work: PendingWork) {
        let owners = layout.layers[layer].owners
        let replicas = layout.fetchedReplicas(ofLayer: layer)
        let ranks = 0..<group.size
        let own = replicas.filter { $0.rank == rank }.sorted {
            (owners[$0.expert], $0.expert) < (owners[$1.expert], $1.expert)
        }
        let shape = Array(gradients.shape.dropFirst())
        let empty = try Tensor.zeros([0] + shape, gradients.type)
        let sent = try Tensor.concatenated(
            [empty] + own.map { try sums.sum(name, expert: $0.expert, shape: [1] + shape, type: gradients.type) },
            along: 0)
        let counts = ranks.map { source in replicas.count { $0.rank == source && owners[$0.expert] == rank } }
        let returned = try Tensor.empty([counts.reduce(0, +)] + shape, gradients.type)
        let work = try group.allToAll(
            into: returned, outputRows: counts, from: sent,
            inputRows: ranks.map { owner in own.count { owners[$0.expert] == owner } })
        return (returned, work)
    }

    /// Adds returned gradients to those of the experts, in the order of ranks.
    func add(_ returned: Tensor) throws {
        let slots = layout.layers[layer]
        let replicas = layout.fetchedReplicas(ofLayer: layer).filter { slots.owners[$0.expert] == rank }
        for (row, replica) in replicas.enumerated() {
            guard let expert = slots.owned[rank].firstIndex(of: replica.expert) else { continue }
            try gradients.narrowed(0, expert..<expert + 1).add(returned.narrowed(0, row..<row + 1))
        }
    }
}
