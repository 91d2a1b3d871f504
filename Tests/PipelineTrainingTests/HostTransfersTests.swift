import DistributedRuntime
import LibTorch
import MoEModels
import PipelineRuntime
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

/// The host waits for the device only where it must: for the counts of routed tokens, and at the end of a step.
@Suite("Host and device in a step", .serialized) struct HostTransfersTests {
    private static func trainer(
        _ model: DeepSeekV3Model, _ schedule: Schedule, _ grid: DeviceMesh, _ place: RankContext
    ) throws -> Trainer {
        try Trainer(model: model, schedule: schedule, grid: grid, place: place, samples: 8, seed: 3)
    }

    private static func batches(_ trainer: Trainer) -> [StageBatch] {
        trainer.batches(counts: ReferenceModel.counts(sequences: 8)) { try ReferenceModel.batch(sequences: $0) }
    }

    private static func model(
        layers: Int = 4, recomputing mode: Recipe.ActivationCheckpointSection.Mode = .none
    ) -> DeepSeekV3Model {
        var configuration = ReferenceModel.configuration
        configuration.numHiddenLayers = layers
        return DeepSeekV3Model(configuration, sequenceLength: ReferenceModel.length, recomputation: mode)
    }

    /// The number of forwards through a layer with experts in a rank's row.
    private static func routings(_ schedule: Schedule, rank: Int, model: DeepSeekV3Model) -> Int {
        let stages = schedule.chains[0].stages.count
        var routings = 0
        for step in schedule.rows[rank] {
            step.forEachAction { action in
                guard action.kind == .forward else { return }
                routings += model.parameters(ofStage: action.stage % stages, of: stages)
                    .count { $0.name.hasSuffix("experts.up") }
            }
        }
        return routings
    }

    @Test(
        "A step reads the device once per layer with experts and micro-batch, and once at its end",
        arguments: [BuiltInSchedule.dualPipe, .zeroBubble, .oneForwardOneBackward, .dualPipeV],
        [(1, 1), (2, 1), (2, 2)])
    func reads(kind: BuiltInSchedule, layout: (pipeline: Int, experts: Int)) throws {
        let grid = DeviceMesh(pipeline: layout.pipeline, experts: layout.experts)
        let schedule = try kind.build(ranks: grid.pipeline, microbatches: 4)
        for mode in Recipe.ActivationCheckpointSection.Mode.allCases {
            let model = Self.model(recomputing: mode)
            let steps = try World(grid).run { place in
                let trainer = try Self.trainer(model, schedule, grid, place)
                let batches = Self.batches(trainer)
                return [
                    try HostTransfers.counting { try trainer.computeGradients(batches) }.transfers,
                    try HostTransfers.counting { try trainer.evaluate(batches) }.transfers,
                ]
            }
            for (rank, transfers) in steps.enumerated() {
                let pipelineRank = grid.coordinate(ofRank: rank).pipeline
                let routings = Self.routings(schedule, rank: pipelineRank, model: model)
                #expect(routings > 0)
                // An evaluation has no backward, so that a backward reads nothing.
                for step in transfers {
                    #expect(step.reads == routings + 1, "rank \(rank), \(mode)")
                    #expect(step.blockingUploads == 0, "rank \(rank), \(mode)")
                }
            }
        }
    }

    @Test("Only stages that read tokens copy them to the device") func tokens() throws {
        let grid = DeviceMesh(pipeline: 4, experts: 1)
        let schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 4, microbatches: 4)
        let uploads = try World(grid).run { place in
            let trainer = try Self.trainer(Self.model(), schedule, grid, place)
            let batches = Self.batches(trainer)
            return try HostTransfers.counting { try trainer.computeGradients(batches) }.transfers.uploads
        }
        // The numbers that the caller reports are copied once per step. The first stage makes four tensors per
        // micro-batch on the CPU and copies its tokens; the last one copies next tokens and the targets of both losses.
        #expect(uploads == [1 + 4 * 5, 1, 1, 1 + 4 * 7])
    }

    /// Operators of libtorch that wait for a CUDA device, because their result or its size is needed on the host.
    private static let waiting = [
        "_local_scalar_dense", "item", "is_nonzero", "equal", "bincount", "nonzero", "masked_select", "unique",
        "_unique2", "unique_consecutive", "repeat_interleave", "histc",
    ].map { "aten::" + $0 }

    @Test("No operator of a step waits for a device", arguments: [(1, 1), (2, 2)])
    func operators(layout: (pipeline: Int, experts: Int)) throws {
        let grid = DeviceMesh(pipeline: layout.pipeline, experts: layout.experts)
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: grid.pipeline, microbatches: 4)
        let found = try World(grid).run { place in
            let trainer = try Self.trainer(Self.model(), schedule, grid, place)
            let batches = Self.batches(trainer)
            let calls = try OperatorCounts.counting { try trainer.computeGradients(batches) }.operators.calls
            #expect(calls["aten::mm", default: 0] + calls["aten::addmm", default: 0] > 100)
            return Self.waiting.filter { calls[$0] != nil }
        }
        #expect(found == Array(repeating: [], count: grid.worldSize))
    }

    /// The figures are those of Documentation/CUDA.md. Products of single experts are apart, because one kernel computes
    /// those of all experts on a device.
    @Test("A layer with experts launches a bounded number of kernels") func launches() throws {
        let grid = DeviceMesh(pipeline: 1, experts: 1)
        let schedule = try BuiltInSchedule.gpipe.build(ranks: 1, microbatches: 1)
        let models = try [4, 5].map { (layers: Int) in
            try World(grid).run { place in
                let trainer = try Self.trainer(Self.model(layers: layers), schedule, grid, place)
                let batches = Self.batches(trainer)
                let forward = try OperatorCounts.counting { try trainer.evaluate(batches) }.operators.launches
                let both = try OperatorCounts.counting { try trainer.computeGradients(batches) }.operators.launches
                return (forward, both.merging(forward) { $0 - $1 })
            }[0]
        }
        func perLayer(_ launches: ([String: Int], [String: Int])) -> (products: Int, others: Int) {
            let difference = launches.1.merging(launches.0) { $0 - $1 }
            let products = ["aten::mm", "aten::addmm_"].reduce(0) { $0 + (difference[$1] ?? 0) }
            return (products, difference.values.reduce(0, +) - products)
        }
        let forward = perLayer((models[0].0, models[1].0))
        let backward = perLayer((models[0].1, models[1].1))
        print("launches of a layer with 8 experts on the CPU: forward \(forward), backward \(backward)")
        #expect(forward.products == 24 && (60...110).contains(forward.others))
        #expect(backward.products == 48 && (80...120).contains(backward.others))
    }
}
