import DistributedRuntime
import ExpertBalancing
import LibTorch
import MoEModels
import PipelineRuntime
import PipelineSchedules
import PipelineTraining
import Synchronization
import TestSupport
import Testing
import TrainingRecipes

/// A run of the reference model under a schedule and layout, with the expected result: the gradients of one process, or
/// an error.
struct IntegrationRun: CustomTestStringConvertible, Sendable {
    private(set) var name: String
    let schedule: BuiltInSchedule
    let pipeline: Int
    let experts: Int
    var microbatches: Int
    /// The schedule as a CSV, if it is none of the built-in schedules.
    let csv: String?
    /// The number of sequences of the global batch.
    var sequences: Int
    /// The type of parameters and activations.
    let type: ElementType
    var configuration: DeepSeekV3Configuration
    let recomputation: Recipe.ActivationCheckpointSection.Mode
    /// A part of the expected error; nil if the run is expected to compute gradients.
    let refusal: String?
    /// Whether sends and receives are matched by tag.
    var hasTags: Bool
    /// Whether ranks sum gradients and exchange tokens in shared memory.
    var sharesMemory = true
    /// The maximum size of an exchange in shared memory.
    var sharedExchangeBytes: Int?
    /// The number of replicas of random experts on each rank, besides experts in random order; nil if each rank holds its
    /// share of consecutive experts alone.
    var replicasPerRank: Int?
    /// The rule that divides the tokens of an expert among its replicas.
    var split = ReplicaSplit.exact
    /// The number of slots per rank into which micro-batches fetch replicas.
    var freeSlots = 0
    /// Whether the slots of two layers change in each step.
    var migrates = false
    /// The device of all ranks, each of which is a thread with a stream of its own; nil for the CPU with Gloo's groups and
    /// one stream to compute on.
    var sharedDevice: Device?

    /// Creates a run of a model with `layers` layers, the first `dense` of them without routed experts, `shared` shared
    /// experts and `mtp` layers of multi-token prediction.
    init(
        _ name: String? = nil, _ schedule: BuiltInSchedule = .gpipe, p pipeline: Int, e experts: Int,
        m microbatches: Int, layers: Int = 8, dense: Int? = nil, shared: Int = 1, mtp: Int = 1, sequences: Int = 16,
        type: ElementType = .float64, recomputed: Recipe.ActivationCheckpointSection.Mode = .none, csv: String? = nil,
        hasTags: Bool = true, refused: String? = nil
    ) {
        let schedulesName = csv == nil ? schedule.rawValue : "CSV"
        let layout = "\(schedulesName), P=\(pipeline), E=\(experts), M=\(microbatches)"
        self.name = name.map { "\($0): \(layout)" } ?? layout
        self.schedule = schedule
        self.pipeline = pipeline
        self.experts = experts
        self.microbatches = microbatches
        self.csv = csv
        self.sequences = sequences
        self.type = type
        recomputation = recomputed
        self.hasTags = hasTags
        refusal = refused
        configuration = ReferenceModel.configuration
        configuration.numHiddenLayers = layers
        configuration.firstKDenseReplace = dense ?? layers / 4
        configuration.nSharedExperts = shared
        configuration.numNextnPredictLayers = mtp
        configuration.initializerRange = 0.2
        configuration.dtype = type == .float64 ? .float64 : type == .float32 ? .float32 : .bfloat16
    }

    /// Returns the run with a change, and the change's name in front of its own.
    func with(_ change: String, _ apply: (inout IntegrationRun) -> Void) -> IntegrationRun {
        var run = self
        run.name = "\(change): \(name)"
        apply(&run)
        return run
    }

    var testDescription: String { name }

    /// The run with half the layers, sequences and micro-batches.
    var halved: IntegrationRun {
        with("half") {
            $0.configuration.numHiddenLayers /= 2
            $0.configuration.firstKDenseReplace /= 2
            $0.sequences /= 2
            $0.microbatches /= 2
        }
    }

    /// The largest relative error of a tensor's gradient and of the loss against one process.
    ///
    /// In bfloat16, whose unit roundoff is 4e-3, sums of up to 16 contributions are rounded in another order. If experts
    /// have other ranks, other tokens are summed together as well.
    var tolerance: Double {
        switch type {
        case .float64: 1e-10
        case .float32: 1e-5
        default: replicasPerRank == nil ? 3e-2 : 4e-2
        }
    }
}

// MARK: Running

extension IntegrationRun {
    /// The losses of the first batch and of each step after it, and the gradients of the first batch for the whole
    /// model by name, with all experts in order.
    struct Outcome: Sendable {
        var losses: [Double] = []
        /// The gradient's norm that the trainer reported for the first batch.
        var norm: Double?
        var gradients: [String: [Double]] = [:]
        /// The experts that a rank owns of each parameter of routed experts.
        var experts: [String: [Int]] = [:]
        /// The balance of the ranks in each layer of routed experts.
        var deviceBalances: [Double] = []
        /// What the streams of each rank did in the first step; one trace for all ranks if they share a device.
        var traces: [StreamTrace] = []
    }

    /// Computes the gradients, and trains `steps` steps after that.
    func outcome(steps: Int = 0) throws -> Outcome {
        let grid = DeviceMesh(pipeline: pipeline, experts: experts)
        let shared = sharedDevice == nil ? nil : try StreamRecording()
        let ranks = try World(grid).run { place in
            var place = place
            if let sharedDevice {
                try place.use(sharedDevice)
                place.copiesBetweenThreads = true
                place.timesStreams = true
            }
            place.hasTags = hasTags
            place.sharesMemory = sharesMemory
            if let sharedExchangeBytes { place.sharedExchangeBytes = sharedExchangeBytes }
            return try outcome(of: place, grid, steps: steps, shared)
        }
        var whole = Outcome(losses: ranks[0].losses, norm: ranks[0].norm)
        whole.traces = try shared.map { [try $0.trace()] } ?? ranks.flatMap(\.traces)
        whole.deviceBalances = ranks[0].deviceBalances
        for outcome in ranks {
            for (name, values) in outcome.gradients {
                // Each rank of an expert-parallel group owns other experts; all else has copies.
                guard let owned = outcome.experts[name] else {
                    whole.gradients[name] = whole.gradients[name] ?? values
                    continue
                }
                let count = values.count / owned.count
                var all = whole.gradients[name] ?? Array(repeating: .nan, count: values.count * experts)
                for (index, expert) in owned.enumerated() {
                    all.replaceSubrange(
                        expert * count..<(expert + 1) * count, with: values[index * count..<(index + 1) * count])
                }
                whole.gradients[name] = all
            }
        }
        return whole
    }

    private func outcome(
        of place: RankContext, _ grid: DeviceMesh, steps: Int, _ shared: StreamRecording?
    ) throws -> Outcome {
        let model = DeepSeekV3Model(
            configuration, sequenceLength: ReferenceModel.length, recomputation: recomputation)
        let schedule =
            try csv.map { try Schedule(csv: Array($0.utf8)) }
            ?? self.schedule.build(ranks: pipeline, microbatches: microbatches)
        let trainer = try Trainer(
            model: model, schedule: schedule, grid: grid, place: place, samples: sequences, seed: 7,
            layout: try slots().map { try ExpertLayout($0, split: split) })
        let batches = trainer.batches(counts: ReferenceModel.counts(sequences: sequences)) {
            try ReferenceModel.batch(sequences: $0)
        }
        var outcome = Outcome()
        try TensorMemory.startCounting()
        let recording = try shared ?? StreamRecording()
        let first = try recording.adding { try trainer.computeGradients(batches) }
        if shared == nil { outcome.traces = [try recording.trace()] }
        outcome.losses.append(first.total("loss"))
        outcome.norm = first.gradientNorm
        outcome.deviceBalances = first.deviceBalances
        for bucket in trainer.parameters.buckets {
            for view in try bucket.views(of: bucket.gradients) {
                outcome.gradients[view.name] = try view.tensor.doubles()
                if bucket.key.areExperts {
                    outcome.experts[view.name] = trainer.parameters.ownedExperts(of: view.name)
                }
            }
        }
        // Every step depends on the gradients of all steps before it.
        for step in 0..<steps {
            let slots = try moves(inStep: step, from: trainer.parameters.set.layout?.layers ?? [])
            let result = try trainer.train(
                batches, optimizer: OptimizerStep(number: step + 1, lr: 1e-3), movingTo: slots)
            outcome.losses.append(result.total("loss") + result.total("mtp loss"))
        }
        return outcome
    }
}

// MARK: Slots of experts

extension IntegrationRun {
    /// The slots of each layer of routed experts, which differ from layer to layer; nil for shares of consecutive experts.
    private func slots() throws -> [ExpertSlots]? {
        guard let replicasPerRank else { return nil }
        var random = SeededGenerator(UInt64(replicasPerRank))
        return try (configuration.firstKDenseReplace...configuration.numHiddenLayers).map { _ in
            try ExpertSlots(placement(replicasPerRank, &random), layer: 0, freeSlotsPerRank: freeSlots)
        }
    }

    /// Returns a placement of experts in random order, with `count` replicas of random experts on each rank.
    private func placement(_ count: Int, _ random: inout SeededGenerator) throws -> Placement {
        let total = configuration.nRoutedExperts
        let order = (0..<total).shuffled(using: &random)
        let slots = (0..<experts).flatMap { rank in
            let own = order[rank * total / experts..<(rank + 1) * total / experts]
            let others = order.filter { !own.contains($0) }.shuffled(using: &random)
            return (own + others.prefix(count)).shuffled(using: &random)
        }
        return try Placement(layers: [slots.map { Int32($0) }], expertCount: total, deviceCount: experts)
    }

    /// Returns the layers whose slots change in a step, with their new slots.
    private func moves(inStep step: Int, from layers: [ExpertSlots]) throws -> [Int: ExpertSlots] {
        guard migrates, let replicasPerRank else { return [:] }
        var random = SeededGenerator(UInt64(1000 + step))
        return try [step % layers.count, (step + 1) % layers.count].reduce(into: [:]) { moves, layer in
            moves[layer] = try ExpertSlots(
                placement(replicasPerRank, &random), layer: 0, freeSlotsPerRank: freeSlots,
                keepingOwnersOf: layers[layer])
        }
    }
}

// MARK: One process

extension IntegrationRun {
    /// The runs on one process, each computed once.
    private static let references = Mutex<[Reference: Outcome]>([:])

    private struct Reference: Hashable {
        let configuration: DeepSeekV3Configuration
        let sequences: Int
        let type: ElementType
        let steps: Int
    }

    /// The outcome of the same batch and model on one process on the CPU, one micro-batch per sequence.
    func reference(steps: Int = 0) throws -> Outcome {
        let key = Reference(configuration: configuration, sequences: sequences, type: type, steps: steps)
        return try Self.references.withLock { known in
            if let outcome = known[key] { return outcome }
            var run = IntegrationRun(p: 1, e: 1, m: sequences, sequences: sequences, type: type)
            run.configuration = configuration
            let outcome = try run.outcome(steps: steps)
            known[key] = outcome
            return outcome
        }
    }

    /// Expects the gradients and the loss of one process, tensor by tensor.
    func expectReference(_ outcome: Outcome) throws {
        let expected = try reference()
        #expect(abs(outcome.losses[0] - expected.losses[0]) <= tolerance * expected.losses[0])
        #expect(!expected.gradients.isEmpty && outcome.gradients.keys.sorted() == expected.gradients.keys.sorted())
        for (name, reference) in expected.gradients {
            let values = outcome.gradients[name] ?? []
            #expect(values.count == reference.count)
            var difference = 0.0
            var norm = 0.0
            for (value, exact) in zip(values, reference) {
                difference += (value - exact) * (value - exact)
                norm += exact * exact
            }
            #expect(
                difference.squareRoot() <= tolerance * norm.squareRoot(),
                "\(name): relative error \((difference / norm).squareRoot())")
        }
    }
}
