package import DistributedRuntime
package import LibTorch

/// What carries values between the ranks of a pipeline.
package protocol PipelineTransport: AnyObject {
    /// Sends a contiguous tensor, which has to live and stay as it is until the work is done.
    func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(LibTorchError) -> PendingWork
    /// Receives into a contiguous tensor of the sender's shape and type.
    func receive(into tensor: Tensor, from peer: Int, tag: Int) throws(LibTorchError) -> PendingWork
}

extension ProcessGroup: PipelineTransport {}

/// Sends and receives between the ranks of a pipeline.
///
/// A send's tensor has to live until the send is done, but nobody waits for that. That it is done is inferred: once a
/// value has come from a peer that the peer made at or after the action which needed what was sent, the send is over,
/// and its memory is let go.
final class PipelineLink {
    private struct Outstanding {
        let neededAt: Int
        let work: PendingWork
    }

    private let transport: (any PipelineTransport)?
    private var outstanding: [Int: [Outstanding]] = [:]

    init(_ transport: (any PipelineTransport)?) { self.transport = transport }

    private var members: any PipelineTransport {
        guard let transport else { preconditionFailure("a pipeline of one rank has nobody to send to") }
        return transport
    }

    func receive(into tensor: Tensor, _ transfer: RankProgram.Transfer) throws -> PendingWork {
        try members.receive(into: tensor, from: transfer.peer, tag: transfer.tag)
    }

    func send(_ tensor: Tensor, _ transfer: RankProgram.Transfer) throws {
        let work = try members.send(tensor, to: transfer.peer, tag: transfer.tag)
        outstanding[transfer.peer, default: []].append(Outstanding(neededAt: transfer.peerPosition, work: work))
    }

    /// Lets go of the sends to a peer that what it has sent proves to be over.
    func received(_ transfer: RankProgram.Transfer) throws {
        guard let sends = outstanding[transfer.peer] else { return }
        outstanding[transfer.peer] = try sends.filter { send in
            guard send.neededAt <= transfer.peerPosition else { return true }
            try send.work.wait()
            return false
        }
    }

    /// Waits for what is still under way at the end of a step.
    func finish() throws {
        for sends in outstanding.values {
            for send in sends { try send.work.wait() }
        }
        outstanding.removeAll(keepingCapacity: true)
    }
}
