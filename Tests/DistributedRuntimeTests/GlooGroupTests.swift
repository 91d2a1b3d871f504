import DistributedRuntime
import Foundation
import LibTorch
import Testing
import TrainingRecipes

@Suite("Operations of a Gloo group", .timeLimit(.minutes(2))) struct GlooGroupTests {
    /// The results of `body` on every rank. All ranks have connected before the first one leaves, and unless
    /// `mayLeave` is true, all of them stay until the last one has finished.
    private static func world<Result: Sendable>(
        _ size: Int, hasTags: Bool = true, mayLeave: Bool = false,
        _ body: @escaping @Sendable (ProcessGroup, Int) throws -> Result
    ) throws -> [Result] {
        try World(DeviceMesh(pipeline: size, experts: 1)).run { context in
            var context = context
            context.hasTags = hasTags
            let group = try context.rendezvous(timeoutMilliseconds: 20_000)(Array(0..<size))
            try group.barrier()
            let result = try body(group, context.rank)
            if !mayLeave { try group.barrier() }
            return result
        }
    }

    private static func vector(_ values: Double...) throws -> Tensor { try Tensor(values, shape: [values.count]) }

    @Test("An all-reduce sums in place")
    func allReduce() throws {
        let sums = try Self.world(3) { group, rank in
            let tensor = try Self.vector(Double(rank), Double(10 * rank))
            try group.allReduce(tensor).wait()
            return try tensor.doubles()
        }
        #expect(sums == Array(repeating: [3, 30], count: 3))
    }

    @Test("A broadcast copies the tensor of its root", arguments: [0, 2])
    func broadcast(root: Int) throws {
        let values = try Self.world(3) { group, rank in
            let tensor = try Self.vector(Double(rank))
            try group.broadcast(tensor, from: root).wait()
            return try tensor.doubles()
        }
        #expect(values == Array(repeating: [Double(root)], count: 3))
    }

    @Test("An all-gather has the tensors in rank order")
    func allGather() throws {
        let values = try Self.world(3) { group, rank in
            let output = try Tensor.zeros([6], .float64)
            try group.allGather(into: output, from: Self.vector(Double(rank), -Double(rank))).wait()
            return try output.doubles()
        }
        #expect(values == Array(repeating: [0, 0, 1, -1, 2, -2], count: 3))
    }

    @Test("An all-to-all exchanges unequal numbers of rows, some of them 0")
    func allToAll() throws {
        // Row r: the number of rows that rank r sends to each rank.
        let counts = [[1, 2, 0], [0, 1, 3], [2, 0, 0]]
        let values = try Self.world(3) { group, rank in
            let taken = counts.map { $0[rank] }
            let sent = counts[rank].enumerated().flatMap { to, count in
                (0..<count).map { Double(100 * rank + 10 * to + $0) }
            }
            let output = try Tensor.zeros([taken.reduce(0, +), 1], .float64)
            try group.allToAll(
                into: output, outputRows: taken, from: Tensor(sent, shape: [sent.count, 1]), inputRows: counts[rank]
            ).wait()
            return try output.doubles()
        }
        #expect(values == [[0, 200, 201], [10, 11, 110], [120, 121, 122]])
    }

    @Test("Receives find their sends by tag, or by order if the group has no tags", arguments: [true, false])
    func tags(hasTags: Bool) throws {
        let values = try Self.world(2, hasTags: hasTags) { group, rank in
            let (first, second) = (try Self.vector(1), try Self.vector(2))
            guard rank == 1 else {
                let work = [try group.send(first, to: 1, tag: 7), try group.send(second, to: 1, tag: 8)]
                for item in work { try item.wait() }
                return [0.0]
            }
            let (early, late) = (try Tensor.zeros([1], .float64), try Tensor.zeros([1], .float64))
            let work = [
                try group.receive(into: early, from: 0, tag: 8), try group.receive(into: late, from: 0, tag: 7),
            ]
            for item in work { try item.wait() }
            return try [early.double(), late.double()]
        }
        #expect(values[1] == (hasTags ? [2, 1] : [1, 2]))
    }

    @Test("Collectives report the time of their end, sends and receives do not")
    func ends() throws {
        let results = try Self.world(2) { group, rank in
            let tensor = try Self.vector(1)
            let collective = try group.allReduce(tensor)
            try collective.wait()
            let transfer =
                rank == 0 ? try group.send(tensor, to: 1, tag: 0) : try group.receive(into: tensor, from: 0, tag: 0)
            try transfer.wait()
            // The future completes shortly after the wait.
            for _ in 0..<1_000 where collective.end == nil { Thread.sleep(forTimeInterval: 0.001) }
            return [collective.end != nil, transfer.end == nil]
        }
        #expect(results == [[true, true], [true, true]])
    }

    @Test("Waiting for a rank that has left is an error of a lost peer")
    func lostPeer() throws {
        let isLostPeer = try Self.world(2, mayLeave: true) { group, rank in
            guard rank == 0 else {
                Thread.sleep(forTimeInterval: 0.3)
                return true
            }
            do {
                try group.receive(into: .zeros([1], .float64), from: 1, tag: 0).wait()
                return false
            } catch let error as LibTorchError { return error.isLostPeer }
        }
        #expect(isLostPeer == [true, true])
    }
}
