import DistributedRuntime
import LibTorch

/// The exchanges between the owners of routed experts and their replicas on other ranks of an expert-parallel group.
///
/// After an update, the owners send their weights to the replicas of a placement. After a row, these replicas and those
/// that micro-batches have fetched return their gradients to the owners, before the gradients are summed over ranks. So an
/// expert and its replicas train as one expert.
package final class ReplicaExchange {
    private let parameters: RankParameters
    private let group: ProcessGroup
    /// Whether the replicas have the weights of their owners.
    private var isCurrent = false

    /// Creates the exchanges; nil if no rank of the group has a replica or fetches one.
    package init?(_ parameters: RankParameters, groups: RankGroups) {
        guard let group = groups.experts, parameters.returnsGradients else { return nil }
        self.parameters = parameters
        self.group = group
    }

    /// The names of the collectives that send weights to replicas.
    package var refreshNames: [String] { parameters.replicated.map { "weights of the replicas of \($0.name)" } }
    /// The names of the collectives that return gradients to owners.
    package var returnNames: [String] {
        parameters.replicated.map { "gradients of the replicas of \($0.name)" }
            + parameters.fetched.map { "gradients of the fetched replicas of \($0.name)" }
    }

    /// Declares that the weights of owners have changed.
    package func invalidate() { isCurrent = false }

    /// Sends the weights of owners to their replicas if they have changed. All ranks of the group must call it.
    package func refresh() throws {
        guard !isCurrent else { return }
        let pending = try parameters.replicated.map { try $0.startRefresh(in: group) }
        for work in pending { try work.wait() }
        isCurrent = true
    }

    /// Returns the gradients of replicas to their owners, which add them up. All ranks of the group must call it.
    package func returnGradients() throws {
        typealias Pending = (returned: Tensor, work: PendingWork)
        let pending: [(add: (Tensor) throws -> Void, exchange: Pending)] =
            try parameters.replicated.map { ($0.add, try $0.startReturn(in: group)) }
            + parameters.fetched.map { ($0.add, try $0.startReturn(in: group)) }
        for (add, exchange) in pending {
            try exchange.work.wait()
            try add(exchange.returned)
        }
    }
}
