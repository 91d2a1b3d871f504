package import DistributedRuntime
package import ExpertBalancing
import LibTorch
package import MoEModels

/// The change of the slots of layers in one step.
///
/// An owner that moves takes its state along: its master weights and its optimizer moments travel beside the step's row,
/// and its gradient follows before the update. Replicas need nothing: they take the weights of their owners before the
/// next step.
package final class ExpertMigration {
    /// A parameter whose experts move.
    private struct Part {
        let bucket: ParameterBucket
        let moves: OwnerMoves
        /// The masters, the moments and the gradients of the experts that the rank owns, [experts, shape…].
        let state: [Tensor]
        /// The rows of ``state`` without the gradients that come from other ranks, and their exchanges.
        var pending: [(rows: Tensor, work: PendingWork)] = []
    }

    private let layout: ExpertLayout
    private let slots: [Int: ExpertSlots]
    private let group: ProcessGroup
    private var parts: [Part]

    /// Starts the migration. All ranks of the group must call it with the same slots.
    ///
    /// - Parameter slots: The slots of the layers that change, by layer.
    package init(
        to slots: [Int: ExpertSlots], of parameters: RankParameters, layout: ExpertLayout, in group: ProcessGroup
    ) throws {
        self.layout = layout
        self.slots = slots
        self.group = group
        parts = try parameters.ofExperts.compactMap { specification, bucket, position in
            let old = layout.layers[specification.expertLayer]
            guard let new = slots[specification.expertLayer], new.owners != old.owners else { return nil }
            let flats = [bucket.masters, bucket.firstMoments, bucket.secondMoments, bucket.gradients]
            return Part(
                bucket: bucket, moves: OwnerMoves(from: old, to: new, rank: group.rank),
                state: try flats.map { try bucket.views(of: $0)[position].tensor })
        }
        for index in parts.indices {
            parts[index].pending = try parts[index].state.dropLast().map { try exchange($0, parts[index].moves) }
        }
    }

    /// Starts to send the rows of experts to their new owners.
    private func exchange(_ values: Tensor, _ moves: OwnerMoves) throws -> (rows: Tensor, work: PendingWork) {
        let sent = moves.sent.flatMap { $0 }
        let rows = try Tensor.empty(
            [moves.receivedCounts.reduce(0, +)] + values.shape.dropFirst(), values.type)
        let work = try group.allToAll(
            into: rows, outputRows: moves.receivedCounts, from: values.selected(0, Tensor(sent, shape: [sent.count])),
            inputRows: moves.sent.map(\.count))
        return (rows, work)
    }

    /// Completes the migration after the row and before the update. All ranks of the group must call it.
    package func finish() throws {
        for index in parts.indices {
            let part = parts[index]
            let pending = part.pending + [try exchange(part.state[part.state.count - 1], part.moves)]
            let order = try Tensor(part.moves.order, shape: [part.moves.order.count])
            for (values, exchange) in zip(part.state, pending) {
                try exchange.work.wait()
                try values.set(to: .concatenated([values, exchange.rows], along: 0).selected(0, order))
            }
            try part.bucket.round()
        }
        for (layer, slots) in slots { try layout.setSlots(ofLayer: layer, to: slots) }
    }
}
