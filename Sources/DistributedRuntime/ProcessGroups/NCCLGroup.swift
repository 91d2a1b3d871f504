public import LibTorch
import CLibTorch

/// A process group over CUDA devices, one a process, by c10d's NCCL backend.
///
/// It is for tensors on the current `Device` of the thread that makes it. ``PendingWork/wait()`` has the device wait,
/// not the caller, which goes on at once. NCCL has no tags: between two ranks, sends and receives of both directions wait
/// in one queue, so that ranks which send each other something at a time take a group for each direction.
///
/// Connections are made by the first operation that needs them, which waits for its peers. A device can carry as many
/// groups at a time as libtorch has streams for them, ``mostGroups``.
public final class NCCLGroup: ProcessGroup {
    /// The streams of a device that libtorch deals out in turn; two groups that share one could wait for each other.
    public static let mostGroups = 32

    /// Finds the part of this build that NCCL groups need.
    ///
    /// - Throws: `LibTorchError` where it was built without.
    public static func load() throws(LibTorchError) {
        do {
            try check(ct_load_nccl())
        } catch {
            throw LibTorchError(message: "this build has no NCCL (\(error.message)): run 'make build DEVICE=cuda'")
        }
    }

    /// Names the members that will meet at `store`.
    ///
    /// - Parameters:
    ///   - store: Where the members meet, with a prefix that no other group has.
    ///   - rank: This process's place in the group.
    ///   - size: How many processes the group has.
    ///   - timeoutMilliseconds: After which an operation ends the process.
    ///   - mostBlocks: How many of the device's blocks an operation takes at most; nil leaves it to NCCL.
    public init(
        store: RendezvousStore, rank: Int, size: Int, timeoutMilliseconds: Int, mostBlocks: Int? = nil
    ) throws(LibTorchError) {
        try Self.load()
        let handle = try made {
            ct_nccl_group_new(
                store.handle, Int32(rank), Int32(size), Int64(timeoutMilliseconds), Int32(mostBlocks ?? 0), &$0)
        }
        super.init(handle: handle, rank: rank, size: size, hasTags: false)
    }
}
