public import LibTorch
import CLibTorch

/// A process group that one of c10d's backends carries; ``GlooGroup`` and ``NCCLGroup`` make it.
public class BackendGroup: ProcessGroup {
    private let handle: OpaquePointer
    /// This process's place in the group.
    public let rank: Int
    /// How many processes the group has.
    public let size: Int
    /// Whether sends and receives are matched by tag, and not by their order alone.
    public let hasTags: Bool

    /// Takes over `handle`.
    init(handle: OpaquePointer, rank: Int, size: Int, hasTags: Bool) {
        self.handle = handle
        self.rank = rank
        self.size = size
        self.hasTags = hasTags
    }

    deinit {
        ct_group_free(handle)
    }

    private func work(
        _ tensors: Tensor..., start: (inout OpaquePointer?) -> Int32
    ) throws(LibTorchError) -> PendingWork {
        do {
            return PendingWork(handle: try made(start), tensors: tensors)
        } catch {
            throw LibTorchError(message: error.message, isLostPeer: true)
        }
    }

    /// Sends a contiguous tensor, which has to live and stay as it is until the work is done.
    public func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try work(tensor) { ct_send(handle, tensor.handle, Int32(peer), hasTags ? Int32(tag) : 0, &$0) }
    }

    /// Receives into a contiguous tensor of the sender's shape and type.
    public func receive(into tensor: Tensor, from peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try work(tensor) { ct_receive(handle, tensor.handle, Int32(peer), hasTags ? Int32(tag) : 0, &$0) }
    }

    /// Sums a tensor over the group, in place.
    public func allReduce(_ tensor: Tensor) throws(LibTorchError) -> PendingWork {
        try work(tensor) { ct_all_reduce(handle, tensor.handle, &$0) }
    }

    /// Copies `root`'s tensor to everyone's.
    public func broadcast(_ tensor: Tensor, from root: Int) throws(LibTorchError) -> PendingWork {
        try work(tensor) { ct_broadcast(handle, tensor.handle, Int32(root), &$0) }
    }

    /// Gathers everyone's `input` in `output`, in the order of ranks.
    public func allGather(into output: Tensor, from input: Tensor) throws(LibTorchError) -> PendingWork {
        try work(output, input) { ct_all_gather(handle, output.handle, input.handle, &$0) }
    }

    /// Sends `inputRows[r]` consecutive rows of `input` to each rank r, and receives `outputRows[r]` rows from it.
    public func allToAll(
        into output: Tensor, outputRows: [Int], from input: Tensor, inputRows: [Int]
    ) throws(LibTorchError) -> PendingWork {
        precondition(outputRows.count == size && inputRows.count == size, "an all-to-all needs one count a rank")
        return try work(output, input) {
            ct_all_to_all(
                handle, output.handle, input.handle, outputRows.map(Int64.init), inputRows.map(Int64.init), &$0)
        }
    }

    /// Waits until everyone has come here.
    public func barrier() throws(LibTorchError) {
        try work { ct_barrier(handle, &$0) }.wait()
    }
}
