public import LibTorch
import CLibTorch
import Foundation

/// A c10d store: keys and values that processes exchange during a rendezvous.
public final class RendezvousStore {
    let handle: OpaquePointer

    private init(handle: OpaquePointer) { self.handle = handle }

    deinit { ct_store_free(handle) }

    /// A store in a file that all processes of one machine open. The file must be new for each rendezvous.
    public static func file(_ path: String, worldSize: Int) throws(LibTorchError) -> RendezvousStore {
        RendezvousStore(handle: try made { ct_file_store(path, Int64(worldSize), &$0) })
    }

    /// A store at a TCP server at `host` and `port`, which one of the processes runs.
    ///
    /// - Parameter listeningSocket: A socket bound to `port` that the server takes over. Without one, the server
    ///   listens on all addresses of the machine.
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

    /// Sets the value of a key.
    func set(_ key: String, _ value: [UInt8]) throws(LibTorchError) {
        try check(ct_store_set(handle, key, value, Int64(value.count)))
    }

    /// Gives a key that has no value the value `-`.
    func addKey(_ key: String) throws(LibTorchError) { try check(ct_store_add_key(handle, key)) }

    /// Returns the values of keys, once all of them have values.
    func values(of keys: [String]) throws(LibTorchError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        let names = keys.map { strdup($0) }
        defer { names.forEach { free($0) } }
        let status = withUnsafeMutablePointer(to: &values) { values in
            ct_store_get(handle, names.map { UnsafePointer($0) }, Int32(keys.count), values) {
                context, _, bytes, count in
                context?.assumingMemoryBound(to: [[UInt8]].self).pointee.append(
                    Array(UnsafeBufferPointer(start: bytes, count: Int(count))))
            }
        }
        try check(status)
        return values
    }

    /// A view of the store in which all keys have a prefix, so that several rendezvous do not share keys.
    public func prefixed(_ prefix: String) throws(LibTorchError) -> RendezvousStore {
        RendezvousStore(handle: try made { ct_prefix_store(prefix, handle, &$0) })
    }
}
