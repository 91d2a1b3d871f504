import DistributedRuntime
import Foundation
import LibTorch
import TestSupport
import Testing
import TrainingRecipes

/// Groups of threads that copy tensors between themselves.
@Suite("Exchanges between threads") struct ThreadGroupTests {
    private static func world<Result: Sendable>(
        _ size: Int, timeoutMilliseconds: Int = 60_000,
        _ body: @escaping @Sendable (ThreadGroup, Int) throws -> Result
    ) throws -> [Result] {
        let name = UUID().uuidString
        return try World(DeviceMesh(pipeline: size, experts: 1)).run { place in
            try place.use(.cpu)
            let group = try ThreadGroup(
                name: name, rank: place.rank, ranks: Array(0..<size), timeoutMilliseconds: timeoutMilliseconds)
            return try body(group, place.rank)
        }
    }

    @Test("Collectives have the results of every rank's tensors", arguments: 1...4) func collectives(size: Int) throws {
        let results = try Self.world(size) { group, rank in
            let own = try Tensor([Double(rank + 1), Double(10 * rank)], shape: [2])
            let (sum, copy) = (try own.times(1), try own.times(1))
            let gathered = try Tensor.zeros([2 * size], .float64)
            let works = [
                try group.allReduce(sum), try group.broadcast(copy, from: size - 1),
                try group.allGather(into: gathered, from: own),
            ]
            for work in works.reversed() { try work.wait() }
            try group.barrier()
            return try [sum, copy, gathered].map { try $0.doubles() }
        }
        let ranks = (0..<size).map { [Double($0 + 1), Double(10 * $0)] }
        let sum = ranks.reduce([0, 0]) { [$0[0] + $1[0], $0[1] + $1[1]] }
        for result in results { #expect(result == [sum, ranks[size - 1], ranks.flatMap(\.self)]) }
    }

    /// 200 exchanges of random sizes, some of them empty, waited for in an order of each member's own.
    @Test("Every row arrives at its index, in any order of waits", arguments: [2, 3, 4]) func rows(size: Int) throws {
        let wrong = try Self.world(size) { group, rank in
            // All members draw the same counts.
            var common = SeededGenerator(UInt64(size))
            var own = SeededGenerator(UInt64(100 + rank))
            var pending: [(work: PendingWork, output: Tensor, expected: [Double])] = []
            var wrong = 0
            for round in 0..<200 {
                let rows = (0..<size).map { _ in (0..<size).map { _ in Int.random(in: 0...9, using: &common) } }
                func values(from: Int, to: Int) -> [Double] {
                    (0..<rows[from][to]).map { Double(((round * 4 + from) * 4 + to) * 16 + $0) }
                }
                let (given, taken) = (rows[rank], rows.map { $0[rank] })
                let input = (0..<size).flatMap { values(from: rank, to: $0) }
                let output = try Tensor.zeros([taken.reduce(0, +), 1], .float64)
                let sent = try Tensor(input, shape: [input.count, 1])
                let work = try group.allToAll(into: output, outputRows: taken, from: sent, inputRows: given)
                // The group has copied what is sent.
                try sent.set(to: Tensor.zeros([input.count, 1], .float64))
                pending.append((work, output, (0..<size).flatMap { values(from: $0, to: rank) }))
                guard pending.count > 5 || round == 199 else { continue }
                for exchange in pending.shuffled(using: &own) {
                    try exchange.work.wait()
                    if try exchange.output.doubles() != exchange.expected { wrong += 1 }
                }
                pending = []
            }
            return wrong
        }
        #expect(wrong == Array(repeating: 0, count: size))
    }

    @Test("Sends and receives are matched by tag, and by order within a tag") func tags() throws {
        let received = try Self.world(2) { group, rank in
            guard rank == 1 else {
                for (tag, value) in [(3, 1.0), (5, 2), (3, 3), (0, 4)] {
                    try group.send(Tensor([value], shape: [1]), to: 1, tag: tag).wait()
                }
                return [Double]()
            }
            let targets = try (0..<4).map { _ in try Tensor.zeros([1], .float64) }
            let works = try zip(targets, [0, 3, 3, 5]).map { try group.receive(into: $0, from: 0, tag: $1) }
            for work in works.reversed() { try work.wait() }
            return try targets.map { try $0.doubles()[0] }
        }
        #expect(received[1] == [4, 1, 3, 2])
    }

    @Test("A member that has left, does not arrive or sends another size is an error") func errors() throws {
        func messages(
            _ timeoutMilliseconds: Int, _ other: @escaping @Sendable (ThreadGroup) throws -> Void
        ) throws -> String {
            try Self.world(2, timeoutMilliseconds: timeoutMilliseconds) { group, rank in
                guard rank == 0 else {
                    try other(group)
                    return ""
                }
                let error = #expect(throws: LibTorchError.self) {
                    try group.receive(into: .zeros([2], .float64), from: 1, tag: 0).wait()
                }
                #expect(error?.isLostPeer == true)
                return "\(String(describing: error))"
            }[0]
        }
        #expect(try messages(60_000) { _ in }.contains("rank 1 has left"))
        #expect(
            try messages(200) { group in
                Thread.sleep(forTimeInterval: 1)
                withExtendedLifetime(group) {}
            }.contains("did not arrive within 200 ms"))
        #expect(
            try messages(60_000) { try $0.send(.zeros([3], .float64), to: 0, tag: 0).wait() }
                .contains("another size than expected"))
    }
}
