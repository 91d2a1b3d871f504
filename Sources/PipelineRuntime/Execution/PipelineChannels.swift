import DistributedRuntime
import LibTorch

/// The transport of a pipeline on a backend without tags: one group of two ranks per channel.
///
/// A channel goes from one rank to another and carries either activations or gradients. The sender uses a channel in
/// the order of its row. Overlapping a pair does not change that order, because one action of a pair is a forward and
/// the other is a backward. The receiver posts its receives in the same order (``RankProgram/receives``).
final class PipelineChannels: PipelineTransport {
    /// A one-way connection from one rank of the pipeline to another.
    struct Channel: Hashable {
        let sender: Int
        let receiver: Int
        let carriesGradients: Bool
        /// The key by which every rank sorts the channels.
        var order: (Int, Int, Int) { (sender, receiver, carriesGradients ? 1 : 0) }
    }

    private let rank: Int
    private var channels: [Channel: ProcessGroup] = [:]

    /// - Parameter rank: This rank's position in the pipeline.
    init(rank: Int) { self.rank = rank }

    /// Opens the channels that begin or end at this rank. Both ends must have agreed on the channels before.
    ///
    /// Opening a channel waits for the channel's other end. There is no deadlock: all ranks open channels in the same
    /// order, so that both ends of the first channel that is still closed are waiting for that channel.
    func open(_ wanted: some Sequence<Channel>, _ make: (Channel) throws -> ProcessGroup) throws {
        for channel in wanted.sorted(by: { $0.order < $1.order }) {
            let pair = try make(channel)
            // The first transfer makes the connection.
            let greeting = try Tensor.zeros([1], .float32)
            let isSender = channel.sender == rank
            let work = try isSender ? pair.send(greeting, to: 1, tag: 0) : pair.receive(into: greeting, from: 0, tag: 0)
            try work.wait()
            channels[channel] = pair
        }
    }

    private func pair(_ sender: Int, _ receiver: Int, tag: Int) -> ProcessGroup {
        let carriesGradients = RankProgram.Transfer.isGradient(tag: tag)
        let channel = Channel(sender: sender, receiver: receiver, carriesGradients: carriesGradients)
        guard let pair = channels[channel] else { preconditionFailure("\(channel) is not open") }
        return pair
    }

    func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try pair(rank, peer, tag: tag).send(tensor, to: 1, tag: tag)
    }

    func receive(into tensor: Tensor, from peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try pair(peer, rank, tag: tag).receive(into: tensor, from: 0, tag: tag)
    }
}
