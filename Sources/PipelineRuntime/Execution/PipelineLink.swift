package import DistributedRuntime
package import LibTorch

/// A transport that carries values between the ranks of a pipeline.
package protocol PipelineTransport: AnyObject {
    /// Sends a contiguous tensor, which must stay alive and unchanged until the work is done.
    func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(LibTorchError) -> PendingWork
    /// Receives into a contiguous tensor of the sender's shape and type.
    func receive(into tensor: Tensor, from peer: Int, tag: Int) throws(LibTorchError) -> PendingWork
}

extension ProcessGroup: PipelineTransport {}

/// Sends and receives between the ranks of a pipeline.
///
/// The tensor of a send must stay alive until the send is done, but the rank does not wait for the send within a step.
/// A received value proves that a send is done if the peer made the value in or after the action that consumes the sent
/// tensor. The tensor is then released.
package final class PipelineLink {
    private struct Outstanding {
        /// The position in the peer's row of the action that consumes the sent tensor.
        let neededAt: Int
        let work: PendingWork
    }

    private let transport: (any PipelineTransport)?
    private var outstanding: [Int: [Outstanding]] = [:]

    /// - Parameter transport: The transport between the ranks; nil for a pipeline of one rank, which has no transfers.
    package init(_ transport: (any PipelineTransport)?) { self.transport = transport }

    private var members: any PipelineTransport {
        guard let transport else { preconditionFailure("a pipeline of one rank has no peer to exchange values with") }
        return transport
    }

    /// Posts the receive of a transfer.
    package func receive(into tensor: Tensor, _ transfer: RankProgram.Transfer) throws -> PendingWork {
        try members.receive(into: tensor, from: transfer.peer, tag: transfer.tag)
    }

    /// Starts the send of a transfer, and keeps the tensor alive until the send is done.
    package func send(_ tensor: Tensor, _ transfer: RankProgram.Transfer) throws {
        let work = try members.send(tensor, to: transfer.peer, tag: transfer.tag)
        outstanding[transfer.peer, default: []].append(Outstanding(neededAt: transfer.peerPosition, work: work))
    }

    /// Releases the sends to a peer that the arrival of `transfer` from the same peer proves to be done.
    package func received(_ transfer: RankProgram.Transfer) throws {
        guard let sends = outstanding[transfer.peer] else { return }
        outstanding[transfer.peer] = try sends.filter { send in
            guard send.neededAt <= transfer.peerPosition else { return true }
            try send.work.wait()
            return false
        }
    }

    /// Waits for all sends that are not yet released, at the end of a step.
    package func finish() throws {
        for sends in outstanding.values {
            for send in sends { try send.work.wait() }
        }
        outstanding.removeAll(keepingCapacity: true)
    }
}
