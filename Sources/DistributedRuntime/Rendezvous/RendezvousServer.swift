import Foundation
import LibTorch
import TrainingRecipes

/// The server at which ranks meet: MASTER_ADDR and MASTER_PORT.
struct RendezvousServer {
    let host: String
    let port: Int

    /// How long a rank waits for the server to come up.
    private let seconds: Int

    /// - Throws: `RendezvousError` where the port or the time to wait is none.
    init(host: String, port: Int, environment: [String: String]) throws(RendezvousError) {
        guard (1...65_535).contains(port) else {
            throw RendezvousError("MASTER_PORT is \(port): it must be 1 to 65535")
        }
        let name = "CONTRAFLOW_RENDEZVOUS_TIMEOUT"
        let text = environment[name] ?? "60"
        guard let seconds = Int(text), (1...86_400).contains(seconds) else {
            throw RendezvousError("\(name) is '\(text)': it must be 1 to 86400")
        }
        self.host = host
        self.port = port
        self.seconds = seconds
    }

    /// Opens the store, as its server where `isOurs`, else as soon as there is one.
    ///
    /// - Returns: The store, and the address of this machine on the way to it.
    /// - Throws: `RendezvousError` where the port is taken, nobody answers, or who answers is no store.
    func store(
        isOurs: Bool, worldSize: Int, timeoutMilliseconds: Int
    ) throws -> (store: RendezvousStore, ownAddress: String) {
        let addresses = try SocketAddress.resolve(host, port: port)
        let socket = isOurs ? try listen(addresses) : nil
        let own = try wait(addresses)
        // Written once, before the signal, and read after it.
        nonisolated(unsafe) var store: RendezvousStore?
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [host, port] in
            store = try? .tcp(
                host: host, port: port, isServer: isOurs, worldSize: worldSize,
                timeoutMilliseconds: timeoutMilliseconds, listeningSocket: socket)
            isDone.signal()
        }
        // c10d tries again and again, or waits for ever for an answer, where another program holds the port.
        guard isDone.wait(timeout: .now() + .seconds(20)) == .success, let store else {
            throw RendezvousError(
                "MASTER_PORT is \(port): what answers at \(host):\(port) is not the store of rank 0: give a port that no "
                    + "other program uses")
        }
        return (store, own)
    }

    /// Listens at the server's own address where the host is named as this machine's loopback, so that only this machine
    /// reaches it, else at all. (c10d by itself would listen at all addresses either way; a host's name may stand for
    /// loopback on the host itself alone.)
    private func listen(_ addresses: [SocketAddress]) throws(RendezvousError) -> Int32 {
        let loopback = addresses.first { $0.isLoopback && (host == "localhost" || host == $0.text) }
        let everywhere = try SocketAddress.resolve(nil, port: port).reversed()
        var code: Int32 = 0
        for place in loopback.map({ [$0] }) ?? Array(everywhere) {
            switch place.listen() {
            case .success(let socket): return socket
            case .failure(let error): code = error.code
            }
            // Where there is no IPv6, IPv4 alone is tried.
            guard code == EAFNOSUPPORT || code == EADDRNOTAVAIL else { break }
        }
        guard code == EADDRINUSE else {
            throw RendezvousError("MASTER_PORT is \(port): \(String(cString: strerror(code))): give another port")
        }
        throw RendezvousError("MASTER_PORT is \(port), which another program on this machine uses: give a free port")
    }

    /// Waits until somebody listens; returns the address of this machine on the way there.
    private func wait(_ addresses: [SocketAddress]) throws(RendezvousError) -> String {
        let deadline = Date(timeIntervalSinceNow: Double(seconds))
        while true {
            for address in addresses {
                if let own = address.connectedFrom(milliseconds: 2000) { return own }
            }
            guard Date() < deadline else {
                throw RendezvousError(
                    "MASTER_ADDR and MASTER_PORT: nobody answers at \(host):\(port) after \(seconds) s: is rank 0 running "
                        + "there? CONTRAFLOW_RENDEZVOUS_TIMEOUT waits longer")
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
