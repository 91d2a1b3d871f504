import DistributedRuntime
import LibTorch

/// A pipeline's ranks on a backend without tags: a group of two for each channel.
///
/// A channel goes from one rank to another and carries activations or gradients, not both. What a rank sends on one is in
/// the order of its row, however the two actions of an overlapped pair are overlapped, as one of them is a forward and the
/// other a backward; its peer posts its receives in that order (``RankProgram/receives``).
final class PipelineChannels: PipelineTransport {
    /// A way from one rank of the pipeline to another.
    struct Channel: Hashable {
        let sender: Int
        let receiver: Int
        let carriesGradients: Bool
        /// The position among all channels.
        var order: (Int, Int, Int) { (sender, receiver, carriesGradients ? 1 : 0) }
    }

    private let rank: Int
    private var channels: [Channel: ProcessGroup] = [:]

    /// - Parameter rank: This rank's place in the pipeline.
    init(rank: Int) { self.rank = rank }

    /// Opens the channels that begin or end at this rank, once both ends have agreed on them.
    ///
    /// Each waits for its other end. All ranks open theirs in one order, so that the first channel of all that is not yet
    /// open has both its ends waiting for it and for nothing else.
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
