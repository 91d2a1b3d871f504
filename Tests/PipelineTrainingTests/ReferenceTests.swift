import PipelineRuntime
import DistributedRuntime
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

@Suite("Reference figures") struct ReferenceTests {
    @Test("Losses, loads and the gradient norm are those of an independent float64 program") func figures() throws {
        let grid = DeviceMesh(pipeline: 1, experts: 1)
        let (outcome, _) = try World(grid).run { place in
            let schedule = try BuiltInSchedule.gpipe.build(ranks: 1, microbatches: 1)
            let trainer = try Trainer(
                model: ReferenceModel.model, schedule: schedule, grid: grid, place: place, samples: 2,
                seed: 1)
            try ReferenceModel.load(into: trainer.parameters)
            let batch = StageBatch(counts: ReferenceModel.counts(sequences: 2)) { _ in
                try ReferenceModel.batch(sequences: 0..<2)
            }
            let outcome = try trainer.computeGradients([batch])
            var norms: [String: Double] = [:]
            for bucket in trainer.parameters.buckets {
                for view in try bucket.views(of: bucket.gradients) {
                    norms[view.name] = try view.tensor.squaredNorm().double().squareRoot()
                }
            }
            return (outcome, norms)
        }[0]
        let main = outcome.total("loss")
        let second = outcome.total("mtp loss") / 0.3
        let balance = outcome.total("balance") / 1e-4
        #expect(abs(main - 5.064706875924) < 1e-9)
        #expect(abs(second - 4.185381621819) < 1e-9)
        #expect(abs(balance - 3.117329302334) < 1e-9)
        #expect(abs(main + 0.3 * second + 1e-4 * balance - 6.320633095400) < 1e-9)
        #expect(outcome.observations["layers.1.load"] == [5, 6, 4, 6, 4, 6, 8, 9])
        let norm = try #require(outcome.gradientNorm)
        #expect(abs(norm - 25.651717030880) < 1e-9)
    }
}
