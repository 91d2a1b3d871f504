import DistributedRuntime
import LibTorch
import PipelineRuntime

/// A transport between the ranks of a group that sums the time of the calls that start transfers.
final class TimedGroup: PipelineTransport {
    let group: ProcessGroup
    var seconds = 0.0

    init(_ group: ProcessGroup) {
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
}
