import DistributedRuntime
import LibTorch

/// A process group that adds up how long the calls take which start a transfer.
final class TimedGroup: ProcessGroup {
    private let group: any ProcessGroup
    var seconds = 0.0
    var rank: Int { group.rank }
    var size: Int { group.size }

    init(_ group: any ProcessGroup) {
        self.group = group
    }

    private func timed(_ body: () throws(LibTorchError) -> PendingWork) throws(LibTorchError) -> PendingWork {
        let start = Clock.now()
        let work = try body()
        seconds += Double(Clock.now() - start) / 1e9
        return work
    }

    func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try timed { () throws(LibTorchError) in try group.send(tensor, to: peer, tag: tag) }
    }

    func receive(into tensor: Tensor, from peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try timed { () throws(LibTorchError) in try group.receive(into: tensor, from: peer, tag: tag) }
    }

    func allReduce(_ tensor: Tensor) throws(LibTorchError) -> PendingWork {
        try group.allReduce(tensor)
    }

    func broadcast(_ tensor: Tensor, from root: Int) throws(LibTorchError) -> PendingWork {
        try group.broadcast(tensor, from: root)
    }

    func allGather(into output: Tensor, from input: Tensor) throws(LibTorchError) -> PendingWork {
        try group.allGather(into: output, from: input)
    }

    func allToAll(
        into output: Tensor, outputRows: [Int], from input: Tensor, inputRows: [Int]
    ) throws(LibTorchError) -> PendingWork {
        try group.allToAll(into: output, outputRows: outputRows, from: input, inputRows: inputRows)
    }

    func barrier() throws(LibTorchError) {
        try group.barrier()
    }
}
