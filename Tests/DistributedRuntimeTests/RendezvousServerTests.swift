import DistributedRuntime
import Foundation
import LibTorch
import Testing
import TrainingRecipes

@Suite("Rendezvous at a server", .timeLimit(.minutes(2))) struct RendezvousServerTests {
    /// A socket that listens on a port of 127.0.0.1 outside the range from which the system takes ports.
    private static func listeningSocket() throws -> (socket: Int32, port: Int) {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<29_000)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            try #require(listener >= 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let status = withUnsafeBytes(of: &address) { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { bind(listener, $0.baseAddress, socklen_t(bytes.count)) }
            }
            if status == 0 && listen(listener, 1) == 0 { return (listener, port) }
            close(listener)
        }
        throw CancellationError()
    }

    private static func freePort() throws -> Int {
        let (listener, port) = try listeningSocket()
        close(listener)
        return port
    }

    private static func server(host: String = "127.0.0.1", port: Int, seconds: Int = 20) throws -> RendezvousServer {
        try RendezvousServer(environment: [
            "MASTER_ADDR": host, "MASTER_PORT": "\(port)", "CONTRAFLOW_RENDEZVOUS_TIMEOUT": "\(seconds)",
        ])
    }

    /// The ranks that the members of a Gloo group report, after a rendezvous to which `late` comes half a second late.
    private static func meet(_ size: Int, late: Int, host: String) throws -> [[[Int]]] {
        let port = try freePort()
        return try World(DeviceMesh(pipeline: size, experts: 1)).run { context in
            if context.rank == late { Thread.sleep(forTimeInterval: 0.5) }
            let opened = try server(host: host, port: port).store(
                isOurs: context.rank == 0, worldSize: size, timeoutMilliseconds: 20_000)
            let group = try GlooGroup(
                store: opened.store.prefixed("all"), rank: context.rank, size: size, host: opened.ownAddress,
                timeoutMilliseconds: 20_000)
            let ranks = try group.allGather([context.rank])
            // The server stays until all members have finished.
            try group.barrier()
            return ranks + [[opened.ownAddress == "127.0.0.1" ? 1 : 0]]
        }
    }

    @Test("Ranks find each other even if one of them is late", arguments: [0, 1, 2])
    func lateRank(late: Int) throws {
        #expect(
            try Self.meet(3, late: late, host: "127.0.0.1") == Array(repeating: [[0], [1], [2], [1]], count: 3))
    }

    @Test("Ranks find each other by a host name")
    func hostName() throws {
        #expect(try Self.meet(2, late: 0, host: "localhost") == Array(repeating: [[0], [1], [1]], count: 2))
    }

    @Test("A server that never starts is named after the time limit")
    func missingServer() throws {
        let port = try Self.freePort()
        let clock = ContinuousClock()
        let start = clock.now
        let error = #expect(throws: RendezvousError.self) {
            try Self.server(port: port, seconds: 1).store(isOurs: false, worldSize: 2, timeoutMilliseconds: 1_000)
        }
        #expect(clock.now - start >= .seconds(1))
        let message = try #require(error?.description)
        #expect(
            message
                == "MASTER_ADDR and MASTER_PORT: no server answers at 127.0.0.1:\(port) after 1 s: check that rank 0 "
                + "runs there, or raise CONTRAFLOW_RENDEZVOUS_TIMEOUT")
    }

    @Test("A rank that never comes ends the others' wait at the time limit")
    func missingRank() throws {
        let port = try Self.freePort()
        let opened = try Self.server(port: port).store(isOurs: true, worldSize: 2, timeoutMilliseconds: 1_000)
        #expect(throws: LibTorchError.self) {
            _ = try GlooGroup(
                store: opened.store.prefixed("all"), rank: 0, size: 2, host: "127.0.0.1", timeoutMilliseconds: 1_000)
        }
    }

    @Test("Ranks that disagree about the number of ranks fail at the time limit")
    func wrongCount() throws {
        let port = try Self.freePort()
        let outcomes = try World(DeviceMesh(pipeline: 2, experts: 1)).run { thread -> String in
            let size = thread.rank == 0 ? 2 : 3
            let context = try RankContext(environment: [
                "RANK": "\(thread.rank)", "WORLD_SIZE": "\(size)", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "\(port)",
            ])
            do {
                // Rank 0 runs the server and stays longer.
                let limit = thread.rank == 0 ? 2_000 : 1_000
                _ = try context.rendezvous(timeoutMilliseconds: limit)(Array(0..<size))
                return "none"
            } catch { return "\(Swift.type(of: error))" }
        }
        #expect(outcomes == ["LibTorchError", "LibTorchError"])
    }

    @Test("A port that another program uses is named")
    func portInUse() throws {
        let (listener, port) = try Self.listeningSocket()
        defer { close(listener) }
        let error = #expect(throws: RendezvousError.self) {
            try Self.server(port: port).store(isOurs: true, worldSize: 2, timeoutMilliseconds: 1_000)
        }
        #expect(
            error?.description
                == "MASTER_PORT is \(port), which another program on this machine uses: give a free port")
    }

    @Test("A host that does not exist is named")
    func unknownHost() throws {
        let error = #expect(throws: RendezvousError.self) {
            try Self.server(host: "no such host", port: 29_500).store(
                isOurs: false, worldSize: 2, timeoutMilliseconds: 1_000)
        }
        #expect(error?.description.hasPrefix("MASTER_ADDR is 'no such host': ") == true)
    }
}
