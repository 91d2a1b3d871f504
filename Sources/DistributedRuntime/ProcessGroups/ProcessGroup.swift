public import LibTorch
import CLibTorch
import RankHeartbeats

/// A group of ranks that exchange tensors through a c10d backend. ``GlooGroup`` and ``NCCLGroup`` are its public
/// subclasses.
///
/// Every operation starts at once and returns ``PendingWork``, which the caller waits for when it needs the result. All
/// members of a group must start collectives in the same order. Sends and receives are matched by peer and tag, or by
/// peer and order if the group has no tags.
public class ProcessGroup {
    private let handle: OpaquePointer
    /// The rank of this process in the group.
    public let rank: Int
    /// The number of processes in the group.
    public let size: Int
    /// Whether sends and receives are matched by tag. Without tags, two ranks must send and receive in the same order,
    /// and the operations of both directions share one queue.
    public let hasTags: Bool
    /// The waits of the rank for the group; nil if the rank publishes none.
    var waits: GroupWaits?

    /// Takes ownership of `handle`.
    init(handle: OpaquePointer, rank: Int, size: Int, hasTags: Bool) {
        self.handle = handle
        self.rank = rank
        self.size = size
        self.hasTags = hasTags
    }

    deinit { ct_group_free(handle) }

    /// The ranks of the group's members in the world.
    var worldRanks: [Int] { waits?.ranks ?? Array(0..<size) }

    /// Starts an operation. `member` is the only member that the operation waits for; nil for all members.
    private func work(
        _ operation: RankWait.Operation, _ tensors: Tensor..., member: Int? = nil,
        start: (inout OpaquePointer?) -> Int32
    ) throws(LibTorchError) -> PendingWork {
        let wait = waits?.wait(operation, member: member)
        let handle = try wait.during { () throws(LibTorchError) in
            try amongRanks { () throws(LibTorchError) in try made(start) }
        }
        return PendingWork(handle: handle, tensors: tensors, wait: wait)
    }

    /// Sends a contiguous tensor. The tensor must not change until the work is done.
    public func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try work(.send, tensor, member: peer) {
            ct_send(handle, tensor.handle, Int32(peer), hasTags ? Int32(tag) : 0, &$0)
        }
    }

    /// Receives into a contiguous tensor of the sender's shape and type.
    public func receive(into tensor: Tensor, from peer: Int, tag: Int) throws(LibTorchError) -> PendingWork {
        try work(.receive, tensor, member: peer) {
            ct_receive(handle, tensor.handle, Int32(peer), hasTags ? Int32(tag) : 0, &$0)
        }
    }

    /// Sums a tensor over the group, in place.
    public func allReduce(_ tensor: Tensor) throws(LibTorchError) -> PendingWork {
        try work(.allReduce, tensor) { ct_all_reduce(handle, tensor.handle, &$0) }
    }

    /// Copies the tensor of rank `root` to the tensors of all members.
    public func broadcast(_ tensor: Tensor, from root: Int) throws(LibTorchError) -> PendingWork {
        try work(.broadcast, tensor) { ct_broadcast(handle, tensor.handle, Int32(root), &$0) }
    }

    /// Gathers the `input` of all members in `output`, in rank order. `output` has ``size`` times as many elements.
    public func allGather(into output: Tensor, from input: Tensor) throws(LibTorchError) -> PendingWork {
        try work(.allGather, output, input) { ct_all_gather(handle, output.handle, input.handle, &$0) }
    }

    /// Gathers the numbers of all members, in rank order, and waits for them. Every member gives the same count of
    /// numbers.
    package func allGather(_ numbers: [Int]) throws(LibTorchError) -> [[Int]] {
        let output = try Tensor.zeros([size * numbers.count], .int64)
        try allGather(into: output, from: Tensor(numbers, shape: [numbers.count])).wait()
        let values = try output.integers()
        return (0..<size).map { Array(values[$0 * numbers.count..<($0 + 1) * numbers.count]) }
    }

    /// Sends `inputRows[r]` consecutive rows of `input` to each rank r and receives `outputRows[r]` rows of `output`
    /// from it.
    public func allToAll(
        into output: Tensor, outputRows: [Int], from input: Tensor, inputRows: [Int]
    ) throws(LibTorchError) -> PendingWork {
        precondition(outputRows.count == size && inputRows.count == size, "an all-to-all needs one count per rank")
        return try work(.allToAll, output, input) {
            ct_all_to_all(
                handle, output.handle, input.handle, outputRows.map(Int64.init), inputRows.map(Int64.init), &$0)
        }
    }

    /// Waits until all members have called this method.
    public func barrier() throws(LibTorchError) { try work(.barrier) { ct_barrier(handle, &$0) }.wait() }
}

/// Returns the result of `body`. Marks an error of `body` as one of an operation among ranks (`isLostPeer`).
func amongRanks<Result>(_ body: () throws(LibTorchError) -> Result) throws(LibTorchError) -> Result {
    do {
        return try body()
    } catch {
        throw LibTorchError(message: error.message, isLostPeer: true)
    }
}
