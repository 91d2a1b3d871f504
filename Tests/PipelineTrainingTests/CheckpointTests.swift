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
            let whole = try train(1...6, four, folder.appending(path: "whole"))
            let parts = folder.appending(path: "parts")
            let first = try train(1...3, four, parts)
            #expect(first == Array(whole[..<3]))
            let same = folder.appending(path: "same")
            try FileManager.default.copyItem(at: parts, to: same)
            #expect(try train(4...6, four, same) == Array(whole[3...]))
            #expect(try FileManager.default.contentsOfDirectory(atPath: same.path).sorted() == ["step-3", "step-6"])
            let others = try train(4...6, DeviceMesh(pipeline: 2, experts: 1), parts)
            #expect(others.count == 3)
            for (loss, exact) in zip(others, whole[3...]) { #expect(abs(loss - exact) <= 1e-10 * exact) }
        }
    }

    @Test("A damaged file of any rank makes all ranks load the checkpoint before") func damage() throws {
        try withTemporaryFolder { folder in
            let grid = DeviceMesh(pipeline: 2, experts: 2)
            let whole = try train(1...4, grid, folder.appending(path: "whole"))
            _ = try train(1...2, grid, folder)
            _ = try train(3...3, grid, folder)
            for rank in [0, 1] {
                let file = folder.appending(path: "step-3/rank-\(rank).safetensors")
                let content = try Data(contentsOf: file)
                var changed = content
                changed[content.count - 1] ^= 1
                try changed.write(to: file)
                let copy = folder.appending(path: "copy-\(rank)")
                try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
                for step in ["step-2", "step-3"] {
                    try FileManager.default.copyItem(
                        at: folder.appending(path: step), to: copy.appending(path: step))
                }
                #expect(try train(3...4, grid, copy) == Array(whole[2...]))
                try content.write(to: file)
            }
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
