public import LibTorch
import CLibTorch

/// A process group of c10d's NCCL backend, with one CUDA device per process.
///
/// The group exchanges tensors on the current `Device` of the thread that creates it. ``PendingWork/wait()`` makes the
/// device wait; the caller continues at once. NCCL has no tags: between two ranks, the sends and receives of both
/// directions share one queue. Ranks that send to each other at the same time therefore need one group per direction.
///
/// The first operation that needs a connection establishes it and waits for its peers. A device supports at most
/// ``mostGroups`` groups at a time, the number of streams that libtorch has for them.
public final class NCCLGroup: ProcessGroup {
    /// The number of streams per device that libtorch assigns round-robin. Two groups that share a stream could
    /// deadlock.
    public static let mostGroups = 32

    /// Loads the library that NCCL groups need.
    ///
    /// - Throws: `LibTorchError` if the package was built without NCCL.
    public static func load() throws(LibTorchError) {
        do {
            try check(ct_load_nccl())
        } catch {
            throw LibTorchError(message: "this build has no NCCL (\(error.message)): run 'make build DEVICE=cuda'")
        }
    }

    /// The version of the loaded NCCL; nil if NCCL is not loaded or does not report its version.
    package static var version: (major: Int, minor: Int)? {
        let version = Int(ct_nccl_version())
        return version > 0 ? (version / 10_000, version / 100 % 100) : nil
    }

    /// Creates a group whose members find each other through `store`.
    ///
    /// - Parameters:
    ///   - store: The store of the rendezvous, with a prefix that no other group has.
    ///   - rank: The rank of this process in the group.
    ///   - size: The number of processes in the group.
    ///   - timeoutMilliseconds: The time limit of an operation. An operation that exceeds it ends the process.
    ///   - mostBlocks: The maximum number of CUDA blocks per operation; nil leaves it to NCCL.
    ///   - isUrgent: Whether the device prefers the group's blocks to others that wait for room.
    public init(
        store: RendezvousStore, rank: Int, size: Int, timeoutMilliseconds: Int, mostBlocks: Int? = nil,
        isUrgent: Bool = false
    ) throws(LibTorchError) {
        try Self.load()
        let handle = try made {
            ct_nccl_group_new(
                store.handle, Int32(rank), Int32(size), Int64(timeoutMilliseconds), Int32(mostBlocks ?? 0),
                isUrgent ? 1 : 0, &$0)
        }
        super.init(handle: handle, rank: rank, size: size, hasTags: false)
    }
}
