import DistributedRuntime
import LibTorch
import MoEModels
import PipelineRuntime
import PipelineSchedules
import PipelineTraining
import Testing
import Timelines
import TrainingRecipes

/// Steps of a trainer, without the training loop.
@Suite("Trainer steps", .serialized) struct TrainerTests {
    private static let model = BlockModel(blocks: 2)

    private static func trainer(
        _ place: RankContext, _ grid: DeviceMesh, samples: Int = 4, microbatches: Int = 2
    ) throws -> Trainer {
        try Trainer(
            model: model,
            schedule: BuiltInSchedule.oneForwardOneBackward.build(ranks: grid.pipeline, microbatches: microbatches),
            grid: grid, place: place, samples: samples, seed: 3)
    }

    private static func batches(_ trainer: Trainer, samples: Int = 4, value: Double = 1) -> [StageBatch] {
        trainer.batches(counts: [Double(samples)]) { range in
            [try Tensor.full([range.count, model.rows, model.width], .float64, value)]
        }
    }

    private static func values(_ trainer: Trainer, _ tensor: (ParameterBucket) -> Tensor) throws -> [Double] {
        try trainer.parameters.buckets.flatMap { try tensor($0).doubles() }
    }

    @Test("A first step is AdamW's, on gradients clipped to the norm") func adamW() throws {
        try World(DeviceMesh(pipeline: 1, experts: 1)).run { place in
            let trainer = try Self.trainer(place, DeviceMesh(pipeline: 1, experts: 1))
            let batches = Self.batches(trainer)
            let norm = try #require(try trainer.computeGradients(batches).gradientNorm)
            let gradients = try Self.values(trainer, \.gradients)
            #expect(abs(gradients.reduce(0) { $0 + $1 * $1 }.squareRoot() - norm) < 1e-12 * norm)
            let before = try Self.values(trainer, \.values)
            let step = OptimizerStep(number: 1, lr: 0.01, eps: 1e-4, weightDecay: 0.1, maxNorm: norm / 2)
            #expect(try trainer.train(batches, optimizer: step).gradientNorm == norm)
            let after = try Self.values(trainer, \.values)
            #expect(after.count == before.count && !after.isEmpty)
            for (index, value) in after.enumerated() {
                // At the first step the moments, corrected for their bias, are the gradient and its square.
                let gradient = gradients[index] / 2
                let expected = before[index] * (1 - 0.01 * 0.1) - 0.01 * gradient / (abs(gradient) + 1e-4)
                #expect(abs(value - expected) < 1e-8)
            }
        }
    }

    @Test("Gradients do not accumulate over steps, and an evaluation changes nothing") func evaluation() throws {
        try World(DeviceMesh(pipeline: 1, experts: 1)).run { place in
            let trainer = try Self.trainer(place, DeviceMesh(pipeline: 1, experts: 1))
            let batches = Self.batches(trainer)
            let first = try trainer.computeGradients(batches)
            let gradients = try Self.values(trainer, \.gradients)
            #expect(gradients.contains { $0 != 0 })
            let values = try Self.values(trainer, \.values)
            let evaluated = try trainer.evaluate(batches)
            #expect(evaluated.total("loss") == first.total("loss") && evaluated.gradientNorm == nil)
            #expect(try Self.values(trainer, \.gradients) == gradients)
            _ = try trainer.computeGradients(batches)
            #expect(try Self.values(trainer, \.gradients) == gradients)
            #expect(try Self.values(trainer, \.values) == values)
        }
    }

    @Test("Reports are summed over ranks, and every rank has the same outcome") func reports() throws {
        let grid = DeviceMesh(pipeline: 2, experts: 2)
        let outcomes = try World(grid).run { place in
            let trainer = try Self.trainer(place, grid)
            return try trainer.train(
                Self.batches(trainer), optimizer: OptimizerStep(number: 1, lr: 0.01),
                reports: [Double(place.rank), 1])
        }
        #expect(outcomes.map(\.reports) == Array(repeating: [6, 4], count: 4))
        #expect(Set(outcomes.map { $0.total("loss") }).count == 1 && outcomes[0].total("loss") > 0)
        #expect(Set(outcomes.map(\.gradientNorm)).count == 1 && outcomes[0].gradientNorm != nil)
    }

    @Test("A loss that is not finite stops every rank before the update, and names its rank") func nonFinite() throws {
        let grid = DeviceMesh(pipeline: 1, experts: 3)
        let errors = try World(grid).run { place in
            let trainer = try Self.trainer(place, grid, samples: 6)
            let before = try Self.values(trainer, \.values)
            let batches = Self.batches(trainer, samples: 6, value: place.rank == 1 ? .nan : 1)
            let error = #expect(throws: NonFiniteError.self) {
                try trainer.train(batches, optimizer: OptimizerStep(number: 7, lr: 0.01))
            }
            #expect(try Self.values(trainer, \.values) == before)
            return error
        }
        #expect(errors.map { $0?.ranks } == [[1], [1], [1]])
        #expect(errors.map { $0?.step } == [7, 7, 7])
        let description = errors[0]?.description ?? ""
        #expect(description.hasPrefix("in step 7, the loss or gradient of rank 1 is not finite:"))
    }

    @Test("The error names several ranks as such") func nonFiniteRanks() throws {
        let grid = DeviceMesh(pipeline: 1, experts: 3)
        let errors = try World(grid).run { place in
            let trainer = try Self.trainer(place, grid, samples: 6)
            return #expect(throws: NonFiniteError.self) {
                try trainer.computeGradients(
                    Self.batches(trainer, samples: 6, value: place.rank == 1 ? 1 : .infinity))
            }
        }
        let description = errors[0]?.description ?? ""
        #expect(description.hasPrefix("the loss or gradient of ranks 0, 2 is not finite:"))
    }

    @Test("If only the norm of summed gradients is not finite, the error names their owner") func nonFiniteNorm() throws
    {
        let grid = DeviceMesh(pipeline: 1, experts: 2)
        let errors = try World(grid).run { place in
            let trainer = try Self.trainer(place, grid)
            // Gradients that are finite, but whose squares are not.
            return #expect(throws: NonFiniteError.self) {
                try trainer.computeGradients(Self.batches(trainer, value: 1e80))
            }
        }
        #expect(errors.map { $0?.ranks } == [[0], [0]])
    }

    @Test("The gate's biases move against the loads of the step") func gateBiases() throws {
        try World(DeviceMesh(pipeline: 1, experts: 1)).run { place in
            let trainer = try Trainer(
                model: ReferenceModel.model, schedule: BuiltInSchedule.gpipe.build(ranks: 1, microbatches: 2),
                grid: DeviceMesh(pipeline: 1, experts: 1), place: place, samples: 2, seed: 3)
            let batches = trainer.batches(counts: ReferenceModel.counts(sequences: 2)) {
                try ReferenceModel.batch(sequences: $0)
            }
            let outcome = try trainer.train(batches, optimizer: OptimizerStep(number: 1, lr: 1e-3))
            let biases = trainer.parameters.untrained.filter { $0.name.hasSuffix("bias") }
            #expect(biases.count == 3)
            for (name, _, bias) in biases {
                let loads = try #require(outcome.observations[name.replacing("bias", with: "load")])
                // Of 24 tokens, each chooses 2 of 8 experts.
                #expect(loads.reduce(0, +) == 48)
                let signs = loads.map { $0 == 6 ? 0 : $0 < 6 ? 1e-3 : -1e-3 }
                #expect(try bias.doubles() == signs, "\(name)")
            }
        }
    }

    @Test("The timeline of a step has every action of the rank's row") func timeline() throws {
        let grid = DeviceMesh(pipeline: 2, experts: 1)
        let schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 2)
        let actions = try World(grid).run { place in
            let trainer = try Self.trainer(place, grid)
            _ = try trainer.computeGradients(Self.batches(trainer))
            _ = try trainer.computeGradients(Self.batches(trainer))
            return trainer.timeline.spans.compactMap { trainer.timeline.event(of: $0).action }
        }
        for (rank, row) in schedule.rows.enumerated() {
            #expect(actions[rank] == row.compactMap(\.first))
        }
    }

    @Test("Ranks, schedule and mesh that do not agree are refused") func layouts() throws {
        let one = DeviceMesh(pipeline: 1, experts: 1)
        let two = DeviceMesh(pipeline: 2, experts: 1)
        let worldSize = try #require(throws: LayoutError.self) {
            try World(one).run { place in _ = try Self.trainer(place, two) }
        }
        #expect(
            worldSize.description
                == "pipeline degree 2 x expert degree 1 needs world size 2 and a schedule of pipeline degree 2, but the world "
                + "size is 1 and 1F1B has pipeline degree 2: use degrees that agree")
        let replicas = try #require(throws: LayoutError.self) {
            try World(one).run { place in
                _ = try Self.trainer(place, DeviceMesh(replicas: 2, pipeline: 1, experts: 1))
            }
        }
        #expect(replicas.description.hasPrefix("the mesh has 2 replicas, but training with replicas is not supported"))
        let degree = try #require(throws: LayoutError.self) {
            try World(one).run { place in
                _ = try Trainer(
                    model: Self.model, schedule: BuiltInSchedule.gpipe.build(ranks: 2, microbatches: 2), grid: one,
                    place: place, samples: 4)
            }
        }
        #expect(
            degree.description.hasSuffix(
                "but the world size is 1 and GPipe has pipeline degree 2: use degrees that agree"))
    }
}
