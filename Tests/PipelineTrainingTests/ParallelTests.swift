import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

/// Gradients of every schedule and layout against those of one process, tensor by tensor, in float64.
@Suite(.serialized) struct ParallelTests {
    struct Layout: CustomStringConvertible, Sendable {
        let schedule: BuiltInSchedule
        let pipeline: Int
        let experts: Int
        let microbatches: Int

        var description: String { "\(schedule.rawValue) P=\(pipeline) E=\(experts)" }
    }

    static let layouts: [Layout] = BuiltInSchedule.allCases.flatMap { schedule in
        [(1, 1), (2, 1), (4, 1), (2, 2), (1, 4), (4, 2)].map { pipeline, experts in
            Layout(schedule: schedule, pipeline: pipeline, experts: experts, microbatches: 16 / experts)
        }
    }

    /// 16 sequences in all; the layers are enough for the eight stages of a V over four ranks.
    static let sequences = 16
    static let model: DeepSeekV3Model = {
        var configuration = ReferenceModel.configuration
        configuration.layers = 8
        configuration.denseLayers = 2
        configuration.startDeviation = 0.2
        return DeepSeekV3Model(configuration, sequenceLength: ReferenceModel.length)
    }()

    /// A run's losses, and a whole model's gradients by name, experts in order.
    struct Outcome {
        var losses: [Double] = []
        var gradients: [String: [Double]] = [:]
    }

    static func run(_ layout: Layout, steps: Int = 0) throws -> Outcome {
        let grid = RankGrid(pipeline: layout.pipeline, experts: layout.experts)
        let ranks = try LocalWorld(grid: grid).run { rank, makeGroup in
            let schedule = try layout.schedule.build(ranks: layout.pipeline, microbatches: layout.microbatches)
            let trainer = try TrainingRank(
                model: model, schedule: schedule, grid: grid, rank: rank, sequencesPerMicrobatch: 1, type: .float64,
                seed: 7, makeGroup: makeGroup)
            let expert = grid.coordinate(ofRank: rank).expert
            let shares = try #require(
                BatchShares(
                    sequences: sequences, experts: layout.experts,
                    microbatches: schedule.chains.map(\.microbatchCount)))
            let batches = schedule.chains.indices.map { chain in
                StageBatch(counts: ReferenceModel.counts(sequences: sequences), isTraining: true) { microbatch in
                    try ReferenceModel.batch(
                        sequences: shares.sequences(chain: chain, microbatch: microbatch, expert: expert))
                }
            }
            var outcome = Outcome()
            for step in 0..<steps {
                let result = try trainer.train(batches, optimizer: OptimizerStep(number: step + 1, rate: 1e-3))
                outcome.losses.append(result.total("loss") + result.total("second token loss"))
            }
            if steps == 0 {
                outcome.losses.append(try trainer.computeGradients(batches).total("loss"))
                for bucket in trainer.parameters.buckets {
                    for view in try bucket.views(of: bucket.gradients) {
                        outcome.gradients[view.name] = try view.tensor.doubles()
                    }
                }
            }
            return outcome
        }
        var whole = ranks[0]
        for (rank, outcome) in ranks.enumerated() {
            for (name, values) in outcome.gradients {
                let isExpert = name.contains(".experts.")
                let expert = grid.coordinate(ofRank: rank).expert
                if isExpert && layout.experts > 1 {
                    var parts = whole.gradients[name] ?? []
                    if parts.count < values.count * layout.experts {
                        parts = Array(repeating: 0, count: values.count * layout.experts)
                    }
                    parts.replaceSubrange(expert * values.count..<(expert + 1) * values.count, with: values)
                    whole.gradients[name] = parts
                } else if whole.gradients[name] == nil {
                    whole.gradients[name] = values
                }
            }
        }
        return whole
    }

    static let serial = Swift.Result {
        try run(Layout(schedule: .gpipe, pipeline: 1, experts: 1, microbatches: 16))
    }

    /// The losses of 20 steps of training, in which every step depends on all gradients before it.
    @Test(arguments: [
        Layout(schedule: .dualPipe, pipeline: 2, experts: 2, microbatches: 8),
        Layout(schedule: .zeroBubble, pipeline: 4, experts: 1, microbatches: 16),
    ]) func twentyLossesAreThoseOfOneProcess(layout: Layout) throws {
        let serial = Layout(schedule: .gpipe, pipeline: 1, experts: 1, microbatches: 16)
        let expected = try Self.run(serial, steps: 20).losses
        let losses = try Self.run(layout, steps: 20).losses
        #expect(expected[19] < expected[0])
        for (loss, reference) in zip(losses, expected) { #expect(abs(loss - reference) <= 1e-10 * reference) }
    }

    /// The same layout computes the same bits again.
    @Test func aRunIsRepeatedBitForBit() throws {
        let layout = Layout(schedule: .dualPipe, pipeline: 2, experts: 2, microbatches: 8)
        let first = try Self.run(layout)
        let second = try Self.run(layout)
        #expect(first.losses == second.losses && first.gradients == second.gradients)
    }

    @Test(arguments: layouts) func gradientsAreThoseOfOneProcess(layout: Layout) throws {
        let expected = try Self.serial.get()
        let outcome = try Self.run(layout)
        #expect(abs(outcome.losses[0] - expected.losses[0]) < 1e-10)
        #expect(outcome.gradients.keys.sorted() == expected.gradients.keys.sorted())
        for (name, reference) in expected.gradients {
            let values = outcome.gradients[name] ?? []
            #expect(values.count == reference.count)
            var difference = 0.0
            var norm = 0.0
            for (value, exact) in zip(values, reference) {
                difference += (value - exact) * (value - exact)
                norm += exact * exact
            }
            #expect(difference.squareRoot() <= 1e-10 * norm.squareRoot(), "\(name)")
        }
    }
}
