public import LibTorch
import CLibTorch

/// A process group over TCP on CPUs, by c10d's Gloo backend.
public final class GlooGroup: BackendGroup {
    /// Meets the other members at `store`.
    ///
    /// - Parameters:
    ///   - store: Where the members meet, with a prefix that no other group has.
    ///   - rank: This process's place in the group.
    ///   - size: How many processes the group has.
    ///   - host: The address of this machine that the group listens on.
    ///   - timeoutMilliseconds: After which a wait gives up.
    ///   - threads: Threads that collectives progress on.
    public convenience init(
        store: RendezvousStore, rank: Int, size: Int, host: String, timeoutMilliseconds: Int, threads: Int = 2
    ) throws(LibTorchError) {
        try self.init(
            store: store, rank: rank, size: size, host: host, timeoutMilliseconds: timeoutMilliseconds,
            threads: threads, hasTags: true)
    }

    /// Without tags, sends and receives are matched as NCCL does it.
    package init(
        store: RendezvousStore, rank: Int, size: Int, host: String, timeoutMilliseconds: Int, threads: Int = 2,
        hasTags: Bool
    ) throws(LibTorchError) {
        let handle = try made {
            ct_group_new(
                store.handle, Int32(rank), Int32(size), host, Int64(timeoutMilliseconds), Int32(threads), &$0)
        }
        super.init(handle: handle, rank: rank, size: size, hasTags: hasTags)
    }
}
