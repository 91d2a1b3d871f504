public import LibTorch
import CLibTorch

/// A process group over TCP on CPUs, by c10d's Gloo backend.
public final class GlooGroup: ProcessGroup {
    /// Meets the other members at `store`.
    ///
    /// - Parameters:
    ///   - store: Where the members meet, with a prefix that no other group has.
    ///   - rank: This process's place in the group.
    ///   - size: How many processes the group has.
    ///   - host: The address of this machine that the group listens on.
    ///   - timeoutMilliseconds: After which a wait gives up.
    ///   - threads: Threads that collectives progress on.
    ///   - hasTags: Whether sends and receives are matched by tag; otherwise they are matched as NCCL does it.
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
