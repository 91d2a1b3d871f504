import DistributedRuntime
import Foundation
import LibTorch
import Testing
import TrainingRecipes

@Suite("World of threads") struct WorldTests {
    private struct RankFailure: Error, Equatable {
        let rank: Int
    }

    @Test("Every rank runs once, and the results are in rank order", arguments: [1, 2, 5])
    func results(size: Int) throws {
        let ranks = try World(DeviceMesh(pipeline: size, experts: 1)).run { context in
            // The last rank ends first.
            Thread.sleep(forTimeInterval: 0.02 * Double(size - context.rank))
            return [context.rank, context.worldSize]
        }
        #expect(ranks == (0..<size).map { [$0, size] })
    }

    @Test("The error is that of the rank that failed first")
    func firstError() {
        #expect(throws: RankFailure(rank: 2)) {
            try World(DeviceMesh(pipeline: 3, experts: 1)).run { context in
                if context.rank != 2 { Thread.sleep(forTimeInterval: 0.2) }
                if context.rank > 0 { throw RankFailure(rank: context.rank) }
            }
        }
    }

    @Test("Ranks that are threads share a machine and use a file for their rendezvous")
    func context() throws {
        let answers = try World(DeviceMesh(pipeline: 2, experts: 1)).run { context in
            [context.isOneMachine, context.hasLauncher, context.hasTags, context.sharesMemory]
        }
        #expect(answers == Array(repeating: [true, true, true, true], count: 2))
    }
}
