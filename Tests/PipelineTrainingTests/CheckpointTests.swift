import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import TestSupport
import Testing
import TrainingRecipes
import TrainingRuns

@Suite("Checkpoints") struct CheckpointTests {
    private static let sequences = 8

    /// Trains the steps of `range`, from a checkpoint unless they begin at 1, and saves a checkpoint after the last
    /// step.
    private func train(_ range: ClosedRange<Int>, _ grid: DeviceMesh, _ folder: URL) throws -> [Double] {
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: grid.pipeline, microbatches: 4)
        return try World(grid).run { place in
            let trainer = try Trainer(
                model: ReferenceModel.model, schedule: schedule, grid: grid, place: place, samples: Self.sequences,
                seed: 5)
            if range.lowerBound > 1 { #expect(try trainer.loadCheckpoint(from: folder) == range.lowerBound - 1) }
            let losses = try range.map { step in
                let batches = trainer.batches(counts: ReferenceModel.counts(sequences: Self.sequences)) {
                    try ReferenceModel.batch(sequences: $0)
                }
                return try trainer.train(batches, optimizer: OptimizerStep(number: step, lr: 1e-2)).total("loss")
            }
            try trainer.saveCheckpoint(to: folder, step: range.upperBound)
            return losses
        }[0]
    }

    @Test("A resumed run has the losses of an uninterrupted run: bit for bit on the same layout, to 1e-10 on another")
    func resuming() throws {
        try withTemporaryFolder { folder in
            let four = DeviceMesh(pipeline: 2, experts: 2)
            let whole = try train(1...6, four, folder)
            let first = try train(1...3, four, folder)
            #expect(first == Array(whole[..<3]))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["latest", "step-3"])
            #expect(try train(4...6, four, folder) == Array(whole[3...]))
            _ = try train(1...3, four, folder)
            let others = try train(4...6, DeviceMesh(pipeline: 2, experts: 1), folder)
            #expect(others.count == 3)
            for (loss, exact) in zip(others, whole[3...]) { #expect(abs(loss - exact) <= 1e-10 * exact) }
        }
    }

    @Test("A missing checkpoint and a truncated checkpoint are refused") func refusals() throws {
        try withTemporaryFolder { folder in
            #expect(throws: SavedStateError.self) { try train(2...2, DeviceMesh(pipeline: 1, experts: 1), folder) }
            _ = try train(1...1, DeviceMesh(pipeline: 1, experts: 1), folder)
            let file = folder.appending(path: "step-1/rank-0.safetensors")
            try Data(contentsOf: file).dropLast(8).write(to: file)
            #expect(throws: SavedStateError.self) { try train(2...2, DeviceMesh(pipeline: 1, experts: 1), folder) }
        }
    }
}
