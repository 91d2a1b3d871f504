import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

/// Ranks that would talk past each other are refused before the first step; that ranks of one recipe agree is part of
/// every other test.
@Suite struct CommunicationOrderTests {
    private struct Silent: Error {}

    /// Each rank makes its part of the reference model under a schedule of its own.
    private func rendezvous(_ grid: DeviceMesh, _ schedule: @escaping @Sendable (_ rank: Int) throws -> Schedule) throws
    {
        try World(grid).run { place in
            _ = try Trainer(
                model: ReferenceModel.model, schedule: schedule(place.rank), grid: grid, place: place, samples: 8,
                type: .float64)
        }
    }

    @Test func ranksOfOneScheduleAgree() throws {
        try rendezvous(DeviceMesh(pipeline: 2, experts: 2)) { _ in
            try BuiltInSchedule.dualPipe.build(ranks: 2, microbatches: 4)
        }
    }

    @Test func expertsInAnotherOrderAreRefused() {
        let error = #expect(throws: (any Error).self) {
            try rendezvous(DeviceMesh(pipeline: 1, experts: 2)) { rank in
                try (rank == 0 ? BuiltInSchedule.gpipe : .oneForwardOneBackward).build(ranks: 1, microbatches: 4)
            }
        }
        #expect(error.map { "\($0)" }?.contains("as number") == true)
    }

    /// Without tags, the order is all that tells one value from another.
    @Test func linksWhoseEndsHaveAnotherOrderAreRefused() throws {
        let cells = ["0F0,0F1,0B0,0B1\n1F0,1F1,1B0,1B1\n", "0F1,0F0,0B0,0B1\n1F1,1F0,1B0,1B1\n"]
        let schedules = try cells.map { try Schedule(csv: Array($0.utf8)) }
        for schedule in schedules { try schedule.validate() }
        let error = #expect(throws: (any Error).self) {
            try rendezvous(DeviceMesh(pipeline: 2, experts: 1)) { schedules[$0] }
        }
        #expect(error.map { "\($0)" }?.contains("sends is not what") == true)
    }

    @Test func linksWhoseEndsDifferAreRefused() {
        let error = #expect(throws: (any Error).self) {
            try rendezvous(DeviceMesh(pipeline: 2, experts: 1)) { rank in
                try BuiltInSchedule.gpipe.build(ranks: 2, microbatches: rank == 0 ? 4 : 8)
            }
        }
        #expect(error.map { "\($0)" }?.contains("sends is not what") == true)
    }
}
