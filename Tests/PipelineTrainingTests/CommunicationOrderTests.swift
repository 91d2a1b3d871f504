import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

/// Ranks whose collectives or transfers do not match are refused before the first step.
@Suite("Communication order") struct CommunicationOrderTests {
    /// Creates a trainer of the reference model on each rank, each with a schedule of its own.
    private func rendezvous(_ grid: DeviceMesh, _ schedule: @escaping @Sendable (_ rank: Int) throws -> Schedule) throws
    {
        try World(grid).run { place in
            _ = try Trainer(
                model: ReferenceModel.model, schedule: schedule(place.rank), grid: grid, place: place, samples: 8)
        }
    }

    @Test("Ranks with the same schedule agree") func agreement() throws {
        try rendezvous(DeviceMesh(pipeline: 2, experts: 2)) { _ in
            try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4)
        }
    }

    @Test("Expert ranks that start exchanges in different orders are refused") func expertExchanges() throws {
        let error = try #require(throws: (any Error).self) {
            try rendezvous(DeviceMesh(pipeline: 1, experts: 2)) { rank in
                try (rank == 0 ? BuiltInSchedule.gpipe : .oneForwardOneBackward).build(ranks: 1, microbatches: 4)
            }
        }
        // Both ranks throw; either may be first. A forward has twelve exchanges.
        let texts = [
            "rank 0 starts 'counts of 0F1' as collective number 12 of a group, but rank 1 does not:",
            "rank 1 starts 'combine of 0B0' as collective number 12 of a group, but rank 0 does not:",
        ]
        #expect(texts.contains { "\(error)".hasPrefix($0) }, "\(error)")
    }

    /// Without tags, only the order tells one value from another.
    @Test("A pipeline link whose ends have different orders is refused") func linkOrder() throws {
        let cells = ["0F0,0F1,0B0,0B1\n1F0,1F1,1B0,1B1\n", "0F1,0F0,0B0,0B1\n1F1,1F0,1B0,1B1\n"]
        let schedules = try cells.map { try Schedule(csv: Array($0.utf8)) }
        for schedule in schedules { try schedule.validate() }
        let error = try #require(throws: (any Error).self) {
            try rendezvous(DeviceMesh(pipeline: 2, experts: 1)) { schedules[$0] }
        }
        #expect("\(error)".hasPrefix(Self.mismatch))
    }

    private static let mismatch =
        "pipeline rank 0 sends other values than pipeline rank 1 receives from it, or sends them in another order:"

    @Test("A pipeline link whose ends have different numbers of transfers is refused") func linkCounts() throws {
        let error = try #require(throws: (any Error).self) {
            try rendezvous(DeviceMesh(pipeline: 2, experts: 1)) { rank in
                try BuiltInSchedule.gpipe.build(ranks: 2, microbatches: rank == 0 ? 4 : 8)
            }
        }
        #expect("\(error)".hasPrefix(Self.mismatch))
    }
}
