import DistributedRuntime
import Foundation
import LibTorch
import SchedulePlanning
import Testing
import TrainingRecipes

@Suite("Exchanges in shared memory") struct SharedMemoryGroupTests {
    private static func world<Result: Sendable>(
        _ size: Int, slots: Int, capacity: Int = 1 << 14, timeoutMilliseconds: Int = 60_000,
        _ body: @escaping @Sendable (SharedMemoryGroup, Int) throws -> Result
    ) throws -> [Result] {
        try World(DeviceMesh(pipeline: size, experts: 1)).run { context in
            let group = try context.rendezvous()(Array(0..<size))
            let shared = try SharedMemoryGroup.rendezvous(
                in: group, slots: slots, capacity: capacity, timeoutMilliseconds: timeoutMilliseconds)
            return try body(try #require(shared), context.rank)
        }
    }

    /// 300 exchanges of random sizes, some of them empty. Up to `slots` exchanges are in flight. Each member waits for
    /// them in an order of its own and drops some without waiting.
    @Test("Every row arrives at its index, in any order of waits", arguments: [2, 3, 4], [1, 2, 5])
    func rows(size: Int, slots: Int) throws {
        let wrong = try Self.world(size, slots: slots) { group, rank in
            // All members draw the same counts.
            var common = SplitMix64(seed: UInt64(size * 10 + slots))
            var own = SplitMix64(seed: UInt64(rank))
            struct Pending {
                let work: PendingWork
                let output: Tensor
                let expected: [Double]
            }
            var pending: [Int: Pending] = [:]
            var wrong = 0
            func finish(_ round: Int) throws {
                guard let exchange = pending.removeValue(forKey: round) else { return }
                if Int.random(in: 0..<10, using: &own) == 0 { return }
                try exchange.work.wait()
                if try exchange.output.doubles() != exchange.expected { wrong += 1 }
            }
            func value(_ round: Int, from: Int, to: Int, _ row: Int) -> Double {
                Double(((round * 8 + from) * 8 + to) * 64 + row)
            }
            for round in 0..<300 {
                try finish(round - slots)
                if Bool.random(using: &own), let any = pending.keys.randomElement(using: &own) { try finish(any) }
                if round.isMultiple(of: 3) {
                    let output = try Tensor.zeros([size], .float64)
                    let input = try Tensor([value(round, from: rank, to: 0, 0)], shape: [1])
                    pending[round] = Pending(
                        work: try group.allGather(into: output, from: input), output: output,
                        expected: (0..<size).map { value(round, from: $0, to: 0, 0) })
                    continue
                }
                let rows = (0..<size).map { _ in (0..<size).map { _ in Int.random(in: 0...40, using: &common) } }
                let given = rows[rank]
                let taken = rows.map { $0[rank] }
                let input = given.enumerated().flatMap { to, count in
                    (0..<count).map { value(round, from: rank, to: to, $0) }
                }
                let output = try Tensor.zeros([taken.reduce(0, +), 1], .float64)
                let work = try group.allToAll(
                    into: output, outputRows: taken, from: Tensor(input, shape: [input.count, 1]), inputRows: given)
                let expected = taken.enumerated().flatMap { from, count in
                    (0..<count).map { value(round, from: from, to: rank, $0) }
                }
                pending[round] = Pending(work: work, output: output, expected: expected)
            }
            for round in pending.keys.sorted() { try finish(round) }
            return wrong
        }
        #expect(wrong.allSatisfy { $0 == 0 })
    }

    @Test("Exchanges that are too large, of wrong sizes, unsupported or out of slots are rejected") func rejected()
        throws
    {
        _ = try Self.world(2, slots: 2, capacity: 64) { group, rank in
            let small = try Tensor.zeros([8], .float64)
            let large = try Tensor.zeros([9], .float64)
            let twice = try Tensor.zeros([16], .float64)
            func message(_ body: () throws -> Void) -> String {
                do { try body() } catch { return "\(error)" }
                return ""
            }
            #expect(message { _ = try group.allGather(into: .zeros([18], .float64), from: large) }.contains("72 bytes"))
            #expect(message { _ = try group.allGather(into: large, from: small) }.contains("instead of 128"))
            #expect(message { _ = try group.allReduce(small) }.contains("shared memory does not support"))
            let first = try group.allGather(into: twice, from: small)
            let second = try group.allGather(into: twice, from: small)
            #expect(message { _ = try group.allGather(into: twice, from: small) }.contains("not been waited for"))
            try first.wait()
            try second.wait()
        }
    }

    @Test("Counts that differ between sender and receiver are named") func unequalCounts() throws {
        let error = #expect(throws: LibTorchError.self) {
            _ = try Self.world(2, slots: 2) { group, rank in
                let rows = try Tensor.zeros([2, 1], .float64)
                let expected = rank == 0 ? [1, 2] : [1, 1]
                let output = try Tensor.zeros([expected.reduce(0, +), 1], .float64)
                try group.allToAll(into: output, outputRows: expected, from: rows, inputRows: [1, 1]).wait()
                // The exchange of rank 1 succeeds. Rank 1 stays until rank 0 has failed.
                if rank == 1 { Thread.sleep(forTimeInterval: 0.2) }
            }
        }
        #expect(error?.message.contains("sends 8 bytes, but 16 are expected") == true)
    }

    @Test("A member that leaves is named to those who wait, and its earlier exchanges still complete")
    func leavingMember() throws {
        let error = #expect(throws: LibTorchError.self) {
            _ = try Self.world(2, slots: 4) { group, rank in
                let output = try Tensor.zeros([2], .float64)
                let mine = try Tensor([Double(rank + 1)], shape: [1])
                let work = try group.allGather(into: output, from: mine)
                guard rank == 0 else { return }
                Thread.sleep(forTimeInterval: 0.2)
                try work.wait()
                #expect(try output.doubles() == [1, 2])
                try group.allGather(into: output, from: mine).wait()
            }
        }
        #expect(error?.message.contains("rank 1 has left") == true)
    }

    @Test("A wait ends at the time limit and names the member") func timeLimit() throws {
        let errors = try Self.world(2, slots: 4, timeoutMilliseconds: 300) { group, rank -> String in
            guard rank == 0 else {
                Thread.sleep(forTimeInterval: 1)
                return ""
            }
            let output = try Tensor.zeros([2], .float64)
            do { try group.allGather(into: output, from: .zeros([1], .float64)).wait() } catch { return "\(error)" }
            return ""
        }
        #expect(errors[0].contains("rank 1 did not arrive within 300 ms"))
    }
}
