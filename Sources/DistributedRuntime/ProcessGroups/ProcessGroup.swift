public import LibTorch

/// Ranks that exchange tensors.
///
/// Every operation starts at once and returns ``PendingWork``, which is waited for when its result is needed. The
/// members of a group have to start collectives in one order; sends and receives are matched by peer and tag, or, where
/// a group does not have tags, by their order alone.
public protocol ProcessGroup: AnyObject {
    /// This process's place in the group.
    var rank: Int { get }
    /// How many processes the group has.
    var size: Int { get }
    /// Whether sends and receives are matched by tag. Without tags, two ranks have to send and to receive in one order,
    /// and what one sends the other while it receives from it waits in the same queue.
    var hasTags: Bool { get }

    /// Sends a contiguous tensor, which has to live and stay as it is until the work is done.
    func send(_ tensor: Tensor, to peer: Int, tag: Int) throws(LibTorchError) -> PendingWork
    /// Receives into a contiguous tensor of the sender's shape and type.
    func receive(into tensor: Tensor, from peer: Int, tag: Int) throws(LibTorchError) -> PendingWork
    /// Sums a tensor over the group, in place.
    func allReduce(_ tensor: Tensor) throws(LibTorchError) -> PendingWork
    /// Copies `root`'s tensor to everyone's.
    func broadcast(_ tensor: Tensor, from root: Int) throws(LibTorchError) -> PendingWork
    /// Gathers everyone's `input` in `output`, in the order of ranks: size times as many elements.
    func allGather(into output: Tensor, from input: Tensor) throws(LibTorchError) -> PendingWork
    /// Sends `inputRows[r]` consecutive rows of `input` to each rank r, and receives `outputRows[r]` rows from it.
    func allToAll(
        into output: Tensor, outputRows: [Int], from input: Tensor, inputRows: [Int]
    ) throws(LibTorchError) -> PendingWork
    /// Waits until everyone has come here.
    func barrier() throws(LibTorchError)
}

extension ProcessGroup {
    /// Most have.
    public var hasTags: Bool { true }

    /// Everyone's numbers, in the order of ranks; each gives as many.
    package func allGather(_ numbers: [Int]) throws(LibTorchError) -> [[Int]] {
        let output = try Tensor.zeros([size * numbers.count], .int64)
        try allGather(into: output, from: Tensor(numbers, shape: [numbers.count])).wait()
        let values = try output.integers()
        return (0..<size).map { Array(values[$0 * numbers.count..<($0 + 1) * numbers.count]) }
    }
}
