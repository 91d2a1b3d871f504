import DistributedRuntime
import LibTorch
import Testing
import TrainingRecipes

@Suite("Sums in shared memory") struct SharedMemoryTensorsTests {
    @Test("All members have the sum, again after a second round", arguments: [2, 3, 4], [1, 63, 65, 200, 100_003])
    func sums(size: Int, count: Int) throws {
        let sums = try World(DeviceMesh(pipeline: size, experts: 1)).run { context in
            let group = try context.rendezvous()(Array(0..<size))
            let shared = try #require(try SharedMemoryTensors.rendezvous(in: group, count: count, .float64))
            #expect(try shared.own.doubles().allSatisfy { $0 == 0 })
            var sums: [[Double]] = []
            for round in 1...2 {
                let values = (0..<count).map { Double($0 * round) + Double(context.rank) / 8 }
                try shared.own.set(to: Tensor(values, shape: [count]))
                try group.barrier()
                try shared.sumShare()
                try group.barrier()
                sums.append(try shared.own.doubles())
            }
            return sums
        }
        let extra = Double(size * (size - 1) / 2) / 8
        for (round, rank) in [(1, 0), (2, size - 1)] {
            #expect(sums[rank][round - 1] == (0..<count).map { Double($0 * round * size) + extra })
        }
        #expect(sums.allSatisfy { $0 == sums[0] })
    }

    @Test("Sums of float32 and bfloat16 keep their type") func types() throws {
        try World(DeviceMesh(pipeline: 2, experts: 1)).run { context in
            let group = try context.rendezvous()([0, 1])
            for type in [ElementType.float32, .bfloat16] {
                let shared = try #require(try SharedMemoryTensors.rendezvous(in: group, count: 3, type))
                #expect(try shared.own.type == type && shared.own.byteCount == 3 * type.byteCount)
                try shared.own.set(to: Tensor([1, 2, 3] as [Double], shape: [3]))
                try group.barrier()
                try shared.sumShare()
                try group.barrier()
                #expect(try shared.own.converted(to: .float64).doubles() == [2, 4, 6])
            }
        }
    }

    @Test("If one member cannot allocate shared memory, all members fall back") func fallback() throws {
        let shared = try World(DeviceMesh(pipeline: 2, experts: 1)).run { context in
            let group = try context.rendezvous()([0, 1])
            // More than a file can hold.
            return try SharedMemoryTensors.rendezvous(in: group, count: context.rank == 1 ? 1 << 61 : 8, .bool) != nil
        }
        #expect(shared == [false, false])
    }
}
