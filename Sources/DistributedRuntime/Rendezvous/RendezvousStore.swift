public import LibTorch
import CLibTorch

/// Where processes leave and find keys while they meet: c10d's stores.
public final class RendezvousStore {
    let handle: OpaquePointer

    private init(handle: OpaquePointer) { self.handle = handle }

    deinit { ct_store_free(handle) }

    /// A file that all processes of one machine open; it must be new for each rendezvous.
    public static func file(_ path: String, worldSize: Int) throws(LibTorchError) -> RendezvousStore {
        RendezvousStore(handle: try made { ct_file_store(path, Int64(worldSize), &$0) })
    }

    /// A server at `host` and `port`, which one of the processes runs.
    ///
    /// - Parameter listeningSocket: A socket bound to `port` that the server takes over; without one it listens on all
    ///   addresses of the machine.
    public static func tcp(
        host: String, port: Int, isServer: Bool, worldSize: Int, timeoutMilliseconds: Int,
        listeningSocket: Int32? = nil
    ) throws(LibTorchError) -> RendezvousStore {
        RendezvousStore(
            handle: try made {
                ct_tcp_store(
                    host, Int32(port), isServer ? 1 : 0, Int64(worldSize), Int64(timeoutMilliseconds),
                    listeningSocket ?? -1, &$0)
            })
    }

    /// The same store under a prefix, so that several rendezvous do not see each other's keys.
    public func prefixed(_ prefix: String) throws(LibTorchError) -> RendezvousStore {
        RendezvousStore(handle: try made { ct_prefix_store(prefix, handle, &$0) })
    }
}
