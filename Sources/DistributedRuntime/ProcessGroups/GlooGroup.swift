public import LibTorch
import CLibTorch

/// A process group of c10d's Gloo backend, which exchanges CPU tensors over TCP.
public final class GlooGroup: ProcessGroup {
    /// Creates a group whose members find each other through `store`. Waits for all members.
    ///
    /// - Parameters:
    ///   - store: The store of the rendezvous, with a prefix that no other group has.
    ///   - rank: The rank of this process in the group.
    ///   - size: The number of processes in the group.
    ///   - host: The address of this machine that the group listens on.
    ///   - timeoutMilliseconds: The time limit of a wait.
    ///   - threads: The number of threads that run collectives.
    ///   - hasTags: Whether sends and receives are matched by tag. If false, they are matched by order, as NCCL does.
    public init(
        store: RendezvousStore, rank: Int, size: Int, host: String, timeoutMilliseconds: Int, threads: Int = 2,
        hasTags: Bool = true
    ) throws(LibTorchError) {
        let handle = try made {
            ct_group_new(store.handle, Int32(rank), Int32(size), host, Int64(timeoutMilliseconds), Int32(threads), &$0)
        }
        super.init(handle: handle, rank: rank, size: size, hasTags: hasTags)
    }
}
