package import LibTorch
package import MoEModels
package import PipelineSchedules
package import TrainingRecipes

/// One rank's part of a model under a schedule: everything that a step of training or evaluation needs.
package final class TrainingRank {
    package let parameters: RankParameters
    /// Everyone; nil in a world of one.
    var world: (any ProcessGroup)? { groups.world }
    let model: any PipelineModel
    let map: StageMap
    let grid: RankGrid
    let rank: Int
    let elementType: ElementType
    private let groups: RankGroups
    private let stages: [(kernel: SegmentStage, chain: Int)]
    private let executor: StepExecutor
    private let evaluator: StepExecutor
    private let observations = Observations()

    /// Meets the other ranks and makes this one's parameters.
    ///
    /// - Parameters:
    ///   - schedule: A valid schedule for the grid's pipeline.
    ///   - sequencesPerMicrobatch: Sequences of a micro-batch on one rank.
    ///   - makeGroup: Makes the process group of the given ranks, one of which is this one.
    package init(
        model: some PipelineModel, schedule: Schedule, grid: RankGrid, rank: Int, sequencesPerMicrobatch: Int,
        type: ElementType, seed: UInt64, recorder: SpanRecorder? = nil,
        makeGroup: (_ ranks: [Int]) throws -> any ProcessGroup
    ) throws {
        self.model = model
        self.grid = grid
        self.rank = rank
        elementType = type
        let map = StageMap(model: model, schedule: schedule)
        self.map = map
        let groups = try RankGroups(grid: grid, rank: rank, holderSets: map.holderSets, makeGroup: makeGroup)
        self.groups = groups
        let own = schedule.stages(ofRank: groups.pipelineRank)
        let parameters = try RankParameters(map: map, stages: own, groups: groups, seed: seed, type: type)
        self.parameters = parameters
        let exchange = ExpertExchange(group: groups.experts, share: groups.share)
        var kernels: [Int: any StageKernels] = [:]
        var stages: [(kernel: SegmentStage, chain: Int)] = []
        for stage in own {
            let place = map.modelStage(of: stage)
            let kernel = SegmentStage(
                graph: try model.graph(ofStage: place.index, of: place.count, parameters: parameters.set),
                stage: stage, exchange: exchange, recorder: recorder, observe: observations.add)
            kernels[stage] = kernel
            stages.append((kernel, place.chain))
        }
        self.stages = stages
        let boundary = (model.boundaryShape(sequences: sequencesPerMicrobatch), type)
        executor = StepExecutor(
            program: RankProgram(schedule, rank: groups.pipelineRank), kernels: kernels, group: groups.pipeline,
            boundary: boundary, recorder: recorder)
        evaluator = StepExecutor(
            program: RankProgram(schedule.forwardsAlone(), rank: groups.pipelineRank), kernels: kernels,
            group: groups.pipeline, boundary: boundary)
    }

    /// Computes the gradients of a global batch, summed over all who hold the same parameters.
    ///
    /// - Parameters:
    ///   - batches: What the micro-batches of each chain bring to this rank.
    ///   - reports: Numbers of the caller's own, as many on every rank, which are added up over ranks.
    /// - Throws: ``NonFiniteError`` on every rank where a loss or gradient of any is NaN or infinite.
    package func computeGradients(_ batches: [StageBatch], reports: [Double] = []) throws -> StepOutcome {
        try parameters.clearGradients()
        try run(executor, batches)
        let isFinite = try parameters.buckets.allSatisfy { try $0.gradients.isFinite() }
        try parameters.reduceGradients()
        return try summarize(isFinite: isFinite, squaredNorm: try parameters.squaredNormShare(), reports: reports)
    }

    /// One step of training: gradients, optimizer, and what the model adjusts by itself.
    package func train(
        _ batches: [StageBatch], optimizer: OptimizerStep, reports: [Double] = []
    ) throws -> StepOutcome {
        let outcome = try computeGradients(batches, reports: reports)
        for bucket in parameters.buckets { try optimizer.apply(to: bucket, norm: outcome.gradientNorm ?? 0) }
        try model.adjust(parameters.set, observations: outcome.observations)
        return outcome
    }

    /// Runs a global batch forward alone.
    package func evaluate(_ batches: [StageBatch]) throws -> StepOutcome {
        try run(evaluator, batches)
        return try summarize(isFinite: true, squaredNorm: nil, reports: [])
    }

    private func run(_ executor: StepExecutor, _ batches: [StageBatch]) throws {
        for (kernel, chain) in stages { kernel.begin(batches[chain]) }
        try executor.run()
    }

    /// Adds up what all ranks have to say, in one reduction: reports, the gradient's norm and who is not finite.
    private func summarize(isFinite: Bool, squaredNorm: Double?, reports: [Double]) throws -> StepOutcome {
        let layout = model.observations
        let own = observations.take(layout) + [squaredNorm ?? 0]
        // A sum of NaN would name nobody, so a rank that is not finite says so and keeps its numbers to itself.
        let isSound = isFinite && own.allSatisfy(\.isFinite)
        var flags = [Double](repeating: 0, count: groups.world?.size ?? 1)
        flags[rank] = isSound ? 0 : 1
        var sums = (isSound ? own : own.map { _ in 0 }) + flags + reports
        if let world = groups.world {
            let tensor = try Tensor(sums, shape: [sums.count])
            try world.allReduce(tensor).wait()
            sums = try tensor.doubles()
        }
        let ranks = flags.indices.filter { sums[own.count + $0] > 0 }
        guard ranks.isEmpty else { throw NonFiniteError(ranks: ranks) }
        var position = 0
        var observed: [String: [Double]] = [:]
        for (name, count) in layout {
            observed[name] = Array(sums[position..<position + count])
            position += count
        }
        return StepOutcome(
            observations: observed, reports: Array(sums.suffix(reports.count)),
            gradientNorm: squaredNorm.map { _ in sums[own.count - 1].squareRoot() })
    }
}

extension Schedule {
    /// The schedule without its backwards: what an evaluation runs.
    func forwardsAlone() -> Schedule {
        var schedule = self
        schedule.rows = rows.map { row in
            row.compactMap { step in
                guard let first = step.first, first.kind == .forward else { return nil }
                return Step(first)
            }
        }
        return schedule
    }
}
