import PipelineRuntime
import DistributedRuntime
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
        /// The schedule where it is none that comes with Contraflow.
        var csv: String?

        var description: String { "\(schedule.rawValue) P=\(pipeline) E=\(experts)" }
    }

    static let layouts: [Layout] = BuiltInSchedule.allCases.flatMap { schedule in
        [(1, 1), (2, 1), (4, 1), (2, 2), (1, 4), (4, 2)].map { pipeline, experts in
            Layout(schedule: schedule, pipeline: pipeline, experts: experts, microbatches: 16 / experts)
        }
    }

    /// 16 sequences in all; the layers are enough for the eight stages of a V over four ranks.
    static let sequences = 16
    static func model(layers: Int) -> DeepSeekV3Model {
        var configuration = ReferenceModel.configuration
        configuration.numHiddenLayers = layers
        configuration.firstKDenseReplace = layers / 4
        configuration.initializerRange = 0.2
        return DeepSeekV3Model(configuration, sequenceLength: ReferenceModel.length)
    }

    /// The losses of the first batch and of the steps, in which every step depends on all gradients before it, and a
    /// whole model's gradients by name, experts in order.
    struct Outcome {
        var losses: [Double] = []
        var gradients: [String: [Double]] = [:]
    }

    /// Steps have half the sequences, micro-batches and layers.
    ///
    /// - Parameter prepare: Is run first on each rank's thread, and may change how it meets the others.
    static func run(
        _ layout: Layout, steps: Int = 0, prepare: @escaping @Sendable (inout RankContext) throws -> Void = { _ in }
    ) throws -> Outcome {
        let share = steps > 0 ? 2 : 1
        let (sequences, microbatches) = (Self.sequences / share, layout.microbatches / share)
        let model = model(layers: 8 / share)
        let grid = DeviceMesh(pipeline: layout.pipeline, experts: layout.experts)
        let ranks = try World(grid).run { place in
            var place = place
            try prepare(&place)
            let schedule =
                try layout.csv.map { try Schedule(csv: Array($0.utf8)) }
                ?? layout.schedule.build(ranks: layout.pipeline, microbatches: microbatches)
            let trainer = try Trainer(
                model: model, schedule: schedule, grid: grid, place: place, samples: sequences, type: .float64,
                seed: 7)
            let batches = trainer.batches(counts: ReferenceModel.counts(sequences: sequences)) {
                try ReferenceModel.batch(sequences: $0)
            }
            var outcome = Outcome()
            outcome.losses.append(try trainer.computeGradients(batches).total("loss"))
            for bucket in trainer.parameters.buckets {
                for view in try bucket.views(of: bucket.gradients) {
                    outcome.gradients[view.name] = try view.tensor.doubles()
                }
            }
            for step in 0..<steps {
                let result = try trainer.train(batches, optimizer: OptimizerStep(number: step + 1, lr: 1e-3))
                outcome.losses.append(result.total("loss") + result.total("mtp loss"))
            }
            return outcome
        }
        var whole = ranks[0]
        for (rank, outcome) in ranks.enumerated() {
            for (name, values) in outcome.gradients {
                let isExpert = name.contains(".experts.")
                let expert = grid.coordinate(ofRank: rank).expert
                if isExpert && layout.experts > 1 {
                    var segments = whole.gradients[name] ?? []
                    if segments.count < values.count * layout.experts {
                        segments = Array(repeating: 0, count: values.count * layout.experts)
                    }
                    segments.replaceSubrange(expert * values.count..<(expert + 1) * values.count, with: values)
                    whole.gradients[name] = segments
                } else if whole.gradients[name] == nil {
                    whole.gradients[name] = values
                }
            }
        }
        return whole
    }

    static let oneProcess = Layout(schedule: .gpipe, pipeline: 1, experts: 1, microbatches: 16)
    static let serial = Swift.Result { try run(oneProcess) }
    static let serialSteps = Swift.Result { try run(oneProcess, steps: 20).losses }

    /// Every schedule on one layout, and DualPipe on all of them.
    @Test(arguments: layouts.filter { $0.schedule == .dualPipe || ($0.pipeline == 2 && $0.experts == 2) })
    func twentyLossesAreThoseOfOneProcess(layout: Layout) throws {
        let expected = try Self.serialSteps.get()
        let losses = try Self.run(layout, steps: 20).losses
        #expect(losses.count == 21 && expected[20] < expected[1])
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
        try Self.expectSerial(try Self.run(layout))
    }

    /// The same on a transport that matches sends and receives by their order alone, as NCCL does: a value that took
    /// another's place would show here.
    @Test(arguments: layouts.filter { $0.pipeline == 4 && ($0.experts == 1 || $0.schedule == .dualPipe) })
    func orderAloneMatchesSendsAndReceives(layout: Layout) throws {
        try Self.expectSerial(try Self.run(layout) { $0.hasTags = false })
    }

    /// Ranks that see no common memory sum by messages; with two, to the same bits.
    @Test(arguments: layouts.filter { $0.schedule == .dualPipe || $0.schedule == .zeroBubbleV })
    func gradientsSummedByMessagesAreTheSame(layout: Layout) throws {
        let outcome = try Self.run(layout) { $0.sharesMemory = false }
        try Self.expectSerial(outcome)
        if layout.experts == 1 { #expect(outcome.gradients == (try Self.run(layout)).gradients) }
    }

    /// Exchanges of tokens that have no room in shared memory go by messages, beside those that have.
    @Test(arguments: [64, 1000, 4000, 16000]) func exchangesFindTheirWay(bytes: Int) throws {
        let layout = Layout(schedule: .dualPipe, pipeline: 2, experts: 2, microbatches: 8)
        let outcome = try Self.run(layout) { $0.sharedExchangeBytes = bytes }
        #expect(outcome.gradients == (try Self.run(layout)).gradients)
    }

    /// Values that are needed in another order than they are sent in, both ways.
    @Test(arguments: [true, false]) func valuesThatCrossFindTheirPlaces(hasTags: Bool) throws {
        let rows = ["0F0,0F1,0F2,0F3,0B3,0B2,0B1,0B0", "1F3,1B3,1F1,1B1,1F0,1B0,1F2,1B2"]
        let layout = Layout(
            schedule: .gpipe, pipeline: 2, experts: 1, microbatches: 4, csv: rows.joined(separator: "\n") + "\n")
        try Self.expectSerial(try Self.run(layout) { $0.hasTags = hasTags })
    }

    /// Compares with one process on the CPU.
    static func expectSerial(_ outcome: Outcome) throws {
        let expected = try serial.get()
        #expect(abs(outcome.losses[0] - expected.losses[0]) <= 1e-10 * expected.losses[0])
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
