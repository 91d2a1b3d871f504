import Foundation
import LibTorch
import TrainingRecipes

/// The rendezvous server of the ranks, on the host of rank 0.
package struct RendezvousServer: Sendable {
    package let host: String
    package let port: Int
    /// The variable that names the host: MASTER_ADDR, or one of Slurm's.
    private let hostVariable: String
    /// The variable that the port comes from: MASTER_PORT, or Slurm's job.
    private let portVariable: String

    /// The time that a rank waits for the server to start, and rank 0 for the other ranks, in seconds.
    let seconds: Int

    /// Creates the description of the server at MASTER_ADDR and MASTER_PORT. Under Slurm, the node list of the step and
    /// the number of the job stand for variables that are not set. CONTRAFLOW_RENDEZVOUS_TIMEOUT (default: 60 s) limits
    /// the wait for the server and for the other ranks.
    ///
    /// - Throws: `RendezvousError` if a variable is missing or wrong.
    package init(environment: [String: String]) throws(RendezvousError) {
        if let host = environment["MASTER_ADDR"] {
            (self.host, hostVariable) = (host, "MASTER_ADDR")
        } else if let first = try Self.slurmHost(environment) {
            (host, hostVariable) = first
        } else {
            throw RendezvousError("MASTER_ADDR is not set: it names the host of rank 0")
        }
        if let port = try RendezvousError.number("MASTER_PORT", in: environment) {
            (self.port, portVariable) = (port, "MASTER_PORT")
        } else if let port = Self.slurmPort(environment) {
            (self.port, portVariable) = (port, "SLURM_JOB_ID")
        } else {
            throw RendezvousError("MASTER_PORT is not set: it is the port of rank 0's server")
        }
        guard (1...65_535).contains(port) else {
            throw RendezvousError("MASTER_PORT is \(port): it must be 1 to 65535")
        }
        let name = "CONTRAFLOW_RENDEZVOUS_TIMEOUT"
        let text = environment[name] ?? "60"
        guard let seconds = Int(text), (1...86_400).contains(seconds) else {
            throw RendezvousError("\(name) is '\(text)': it must be 1 to 86400 seconds")
        }
        self.seconds = seconds
    }

    /// The origin of the host in messages.
    private var hostOrigin: String {
        hostVariable == "MASTER_ADDR" ? hostVariable : "the first host of \(hostVariable)"
    }

    /// The port in messages, with its origin.
    private var portText: String {
        portVariable == "MASTER_PORT" ? "MASTER_PORT is \(port)" : "the port made of \(portVariable) is \(port)"
    }

    /// The remedy for a port that cannot be used.
    private var portRemedy: String { portVariable == "MASTER_PORT" ? "give" : "set MASTER_PORT to" }

    /// Opens the store. If `isOurs` is true, starts the server; otherwise waits until the server accepts connections.
    ///
    /// - Returns: The store, and the local address of this machine's connection to it.
    /// - Throws: `RendezvousError` if the port is in use, if no server answers in time, or if the server is not a
    ///   store.
    package func store(
        isOurs: Bool, worldSize: Int, timeoutMilliseconds: Int
    ) throws -> (store: RendezvousStore, ownAddress: String) {
        let addresses = try SocketAddress.resolve(host, port: port, origin: hostOrigin)
        let socket = isOurs ? try listen(addresses) : nil
        let own = try wait(addresses)
        // The thread writes the variable before the signal; this thread reads it after the signal.
        nonisolated(unsafe) var store: RendezvousStore?
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [host, port] in
            store = try? .tcp(
                host: host, port: port, isServer: isOurs, worldSize: worldSize,
                timeoutMilliseconds: timeoutMilliseconds, listeningSocket: socket)
            isDone.signal()
        }
        // If another program listens at the port, c10d retries or waits for an answer forever.
        guard isDone.wait(timeout: .now() + .seconds(20)) == .success, let store else {
            throw RendezvousError(
                "\(portText): the program that answers at \(host):\(port) is not the store of rank 0: "
                    + "\(portRemedy) a port that no other program uses")
        }
        return (store, own)
    }

    /// Opens another connection to the store, which ranks have opened before.
    func client(worldSize: Int, timeoutMilliseconds: Int) throws(LibTorchError) -> RendezvousStore {
        try .tcp(
            host: host, port: port, isServer: false, worldSize: worldSize, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Opens the server's socket. If the host is given as `localhost` or as a loopback address, the server listens at
    /// that address only, so other machines cannot reach it. Otherwise it listens at all addresses, because a host may
    /// resolve its own name to a loopback address. (c10d always listens at all addresses.)
    private func listen(_ addresses: [SocketAddress]) throws(RendezvousError) -> Int32 {
        let loopback = addresses.first { $0.isLoopback && (host == "localhost" || host == $0.text) }
        let everywhere = try SocketAddress.resolve(nil, port: port, origin: hostOrigin).reversed()
        var code: Int32 = 0
        for address in loopback.map({ [$0] }) ?? Array(everywhere) {
            switch address.listen() {
            case .success(let socket): return socket
            case .failure(let error): code = error.code
            }
            // Without IPv6, the IPv4 address is next.
            guard code == EAFNOSUPPORT || code == EADDRNOTAVAIL else { break }
        }
        guard code == EADDRINUSE else {
            throw RendezvousError("\(portText): \(String(cString: strerror(code))): \(portRemedy) another port")
        }
        throw RendezvousError("\(portText), which another program on this machine uses: \(portRemedy) a free port")
    }

    /// Waits until a server accepts connections. Returns the local address of the connection.
    private func wait(_ addresses: [SocketAddress]) throws(RendezvousError) -> String {
        let deadline = Date(timeIntervalSinceNow: Double(seconds))
        while true {
            for address in addresses {
                if let own = address.connectedFrom(milliseconds: 2000) { return own }
            }
            guard Date() < deadline else {
                throw RendezvousError(
                    "\(hostVariable) and \(portVariable): no server answers at \(host):\(port) after \(seconds) s: "
                        + "check that rank 0 runs there, or raise CONTRAFLOW_RENDEZVOUS_TIMEOUT")
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
