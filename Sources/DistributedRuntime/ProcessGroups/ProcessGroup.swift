public import LibTorch
import CLibTorch

/// Ranks that exchange tensors by one of c10d's backends; ``GlooGroup`` and ``NCCLGroup`` make it.
///
/// Every operation starts at once and returns ``PendingWork``, which is waited for when its result is needed. The
/// members of a group have to start collectives in one order; sends and receives are matched by peer and tag, or, where
/// a group does not have tags, by their order alone.
public class ProcessGroup {
    private let handle: OpaquePointer
    /// This process's place in the group.
    public let rank: Int
    /// How many processes the group has.
    public let size: Int
    /// Whether sends and receives are matched by tag. Without tags, two ranks have to send and to receive in one order,
    /// and what one sends the other while it receives from it waits in the same queue.
    public let hasTags: Bool

    /// Takes over `handle`.
    init(handle: OpaquePointer, rank: Int, size: Int, hasTags: Bool) {
        self.handle = handle
        self.rank = rank
        self.size = size
        self.hasTags = hasTags
    }

    deinit { ct_group_free(handle) }

    private func work(
        _ tensors: Tensor..., start: (inout OpaquePointer?) -> Int32
    ) throws(LibTorchError) -> PendingWork {
        PendingWork(handle: try amongRanks { () throws(LibTorchError) in try made(start) }, tensors: tensors)
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

    /// Gathers everyone's `input` in `output`, in the order of ranks: size times as many elements.
    public func allGather(into output: Tensor, from input: Tensor) throws(LibTorchError) -> PendingWork {
        try work(output, input) { ct_all_gather(handle, output.handle, input.handle, &$0) }
    }

    /// Everyone's numbers, in the order of ranks; each gives as many.
    package func allGather(_ numbers: [Int]) throws(LibTorchError) -> [[Int]] {
        let output = try Tensor.zeros([size * numbers.count], .int64)
        try allGather(into: output, from: Tensor(numbers, shape: [numbers.count])).wait()
        let values = try output.integers()
        return (0..<size).map { Array(values[$0 * numbers.count..<($0 + 1) * numbers.count]) }
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
    public func barrier() throws(LibTorchError) { try work { ct_barrier(handle, &$0) }.wait() }
}

/// What `body` returns; what it throws is said to have come of a peer.
func amongRanks<Result>(_ body: () throws(LibTorchError) -> Result) throws(LibTorchError) -> Result {
    do {
        return try body()
    } catch {
        throw LibTorchError(message: error.message, isLostPeer: true)
    }
}
