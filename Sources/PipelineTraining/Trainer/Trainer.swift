public import PipelineRuntime
public import DistributedRuntime
public import LibTorch
public import MoEModels
public import PipelineSchedules
import SchedulePlanning
public import Timelines
public import TrainingRecipes

/// One rank's part of a model under a schedule: everything that a step of training or evaluation needs.
///
/// It belongs to the thread that makes it. Every rank of the world makes one and calls the same methods in the same order.
/// It has one property per part that lives as long as training does, hence more than fifteen.
public final class Trainer {
    /// The parameters that the rank holds, with their gradients.
    package let parameters: RankParameters
    /// Everyone, for what lies on the CPU; nil in a world of one.
    var control: ProcessGroup? { groups.control }
    let model: any PipelineModel
    let map: StageMap
    let grid: DeviceMesh
    let rank: Int
    let elementType: ElementType
    let groups: RankGroups
    private let shares: BatchShares
    let recorder: SpanRecorder
    private let kernels: [Int: SegmentStage]
    package let executor: StepExecutor
    private let evaluator: StepExecutor
    private let program: RankProgram
    private let reductions: GradientReductions
    private let observations = Observations()
    private let overlaps: Bool
    private var stepsTrained = 0

    /// Meets the other ranks and makes this one's parameters.
    ///
    /// - Parameters:
    ///   - schedule: A valid schedule for the grid's pipeline.
    ///   - grid: How the ranks are arranged.
    ///   - place: Which of them this is, and where it meets the others.
    ///   - samples: Samples of a global batch, over all ranks and micro-batches.
    ///   - type: The type of parameters and activations.
    ///   - seed: Decides the parameters' first values, the same in every layout.
    ///   - overlaps: Whether forwards, backwards and weight gradients are overlapped so that exchanges of tokens run beside
    ///     computation; otherwise each is waited for at once. It does not change what is computed.
    /// - Throws: `LayoutError` where ranks, schedule, grid and samples do not fit, the schedule's fault where it is not
    ///   valid, libtorch's error where ranks do not meet, and on every rank concerned what they would say to each other
    ///   in different orders.
    public init(
        model: some PipelineModel, schedule: Schedule, grid: DeviceMesh, place: RankContext, samples: Int,
        type: ElementType = .float32, seed: UInt64 = 0, overlaps: Bool = true
    ) throws {
        shares = try Self.shares(schedule, grid, place, samples: samples)
        self.model = model
        self.grid = grid
        self.overlaps = overlaps
        rank = place.rank
        elementType = type
        recorder = SpanRecorder(rank: rank)
        map = StageMap(model: model, schedule: schedule)
        groups = try RankGroups(grid: grid, rank: rank, copySets: map.copySets, makeGroup: try place.rendezvous())
        let stages = schedule.stages(ofRank: groups.pipelineRank)
        parameters = try RankParameters(map: map, stages: stages, groups: groups, seed: seed, type: type)
        let graphs = try stages.map { [map, parameters] stage in
            let place = map.modelStage(of: stage)
            return try model.graph(ofStage: place.index, of: place.count, parameters: parameters.set)
        }
        // No step of a row starts more exchanges than a forward and a backward, and each ends with all of its own waited for.
        let shared = try groups.sharedExperts(slots: 2 * (graphs.map(\.exchangeCount).max() ?? 0))
        let exchange = TokenDispatcher(
            group: groups.experts, countsGroup: try shared ?? groups.counts(), shared: shared, share: groups.share,
            overlaps: overlaps)
        kernels = zip(stages, graphs).reduce(into: [:]) { [recorder, observations] kernels, entry in
            kernels[entry.0] = SegmentStage(
                graph: entry.1, stage: entry.0, exchange: exchange, recorder: recorder, observe: observations.add)
        }
        let boundary = (model.boundaryShape(samples: shares.samplesPerMicrobatch), type)
        program = RankProgram(schedule, rank: groups.pipelineRank)
        executor = try StepExecutor(
            program: program, kernels: kernels, group: groups.pipeline, boundary: boundary, recorder: recorder)
        evaluator = try StepExecutor(
            program: RankProgram(schedule.forwardsAlone(), rank: groups.pipelineRank), kernels: kernels,
            group: groups.pipeline, boundary: boundary)
        if !overlaps { executor.overlapPlans = executor.patterns.map { .sequential($0.problem) } }
        reductions = GradientReductions(parameters, schedule, map, groups: groups, recorder: recorder)
        try groups.check(communicationOrder)
    }

    /// The shares of a global batch, where everything fits.
    private static func shares(
        _ schedule: Schedule, _ grid: DeviceMesh, _ place: RankContext, samples: Int
    ) throws -> BatchShares {
        guard place.worldSize == grid.worldSize, schedule.rankCount == grid.pipeline else {
            throw LayoutError(
                "there are \(place.worldSize) ranks and \(schedule.name) has \(schedule.rankCount), but the layout of "
                    + "\(grid.pipeline) pipeline x \(grid.experts) experts asks for \(grid.worldSize): give them alike")
        }
        try schedule.validate()
        let microbatches = schedule.chains.map(\.microbatchCount)
        guard let shares = BatchShares(samples: samples, experts: grid.experts, microbatches: microbatches) else {
            throw LayoutError(
                "a batch has \(samples) samples, which \(schedule.microbatchCount) micro-batches x \(grid.experts) "
                    + "expert ranks do not divide: give a multiple of \(schedule.microbatchCount * grid.experts)")
        }
        return shares
    }

    /// What the rank says to others in a step of training.
    var communicationOrder: CommunicationOrder {
        var order = CommunicationOrder()
        order.append(program)
        var position = 0
        for (end, exchanges) in executor.exchanges {
            order.append(exchanges, ranks: groups.expertRanks)
            for (ranks, name) in reductions.started(behind: position..<end + 1) { order.append(name, ranks: ranks) }
            position = end + 1
        }
        for (ranks, name) in reductions.startedLast { order.append(name, ranks: ranks) }
        order.append("summary of \(model.observations.map(\.name))", ranks: groups.worldRanks)
        return order
    }

    /// What a global batch brings to this rank.
    ///
    /// - Parameters:
    ///   - counts: What losses are divided by, counted over the whole global batch, in the model's own order.
    ///   - data: The tensors of the given samples of the global batch.
    public func batches(counts: [Double], data: @escaping (_ samples: Range<Int>) throws -> [Tensor]) -> [StageBatch] {
        shares.microbatches.indices.map { [shares, expert = groups.share.index] chain in
            StageBatch(counts: counts) { microbatch in
                try data(shares.samples(chain: chain, microbatch: microbatch, expert: expert))
            }
        }
    }

    /// Computes the gradients of a global batch, summed over all who hold the same parameters.
    ///
    /// - Parameters:
    ///   - batches: What the micro-batches of each chain bring to this rank.
    ///   - reports: Numbers of the caller's own, as many on every rank, which are added up over ranks; asked for when the
    ///     gradients are there.
    /// - Throws: ``NonFiniteError`` on every rank where a loss or gradient of any is NaN or infinite.
    public func computeGradients(
        _ batches: [StageBatch], reports: @autoclosure () -> [Double] = []
    ) throws -> StepOutcome {
        try computeGradients(batches, step: nil, reports: reports)
    }

    private func computeGradients(_ batches: [StageBatch], step: Int?, reports: () -> [Double]) throws -> StepOutcome {
        try parameters.clearGradients()
        try begin(batches, runsBackward: true)
        try executor.run { try reductions.start(through: $0) }
        let (isFinite, squaredNorm) = try reductions.finish()
        return try summarize(isFinite: isFinite, squaredNorm: squaredNorm, step: step, reports: reports())
    }

    /// One step of training: gradients, optimizer, and what the model adjusts by itself.
    public func train(
        _ batches: [StageBatch], optimizer: OptimizerStep, reports: @autoclosure () -> [Double] = []
    ) throws -> StepOutcome {
        let outcome = try computeGradients(batches, step: optimizer.number, reports: reports)
        for bucket in parameters.buckets { try optimizer.apply(to: bucket, norm: outcome.gradientNorm ?? 0) }
        try model.adjust(parameters.set, observations: outcome.observations)
        stepsTrained += 1
        // Soon once there is something to go by, then ever more seldom. On a device, what is recorded is not when it ran.
        if overlaps && Device.current == .cpu && stepsTrained.nonzeroBitCount == 1 { try replanOverlap() }
        return outcome
    }

    /// What this rank did in its last step or evaluation: its actions, segments and waits.
    public var timeline: Timeline { recorder.timeline }

    /// Runs a global batch forward alone.
    public func evaluate(_ batches: [StageBatch]) throws -> StepOutcome {
        try begin(batches, runsBackward: false)
        try evaluator.run()
        return try summarize(isFinite: true, squaredNorm: nil, step: nil, reports: [])
    }

    private func begin(_ batches: [StageBatch], runsBackward: Bool) throws {
        recorder.clear()
        for (stage, kernel) in kernels {
            kernel.begin(batches[map.modelStage(of: stage).chain], runsBackward: runsBackward)
        }
    }

    /// Adds up numbers over all ranks; each gives as many.
    package func sum(_ numbers: [Double]) throws -> [Double] {
        guard let world = groups.world else { return numbers }
        let tensor = try Tensor(numbers, shape: [numbers.count])
        try world.allReduce(tensor).wait()
        return try tensor.doubles()
    }

    /// Adds up what all ranks have to say, in one reduction: reports, the gradient's norm and who is not finite.
    private func summarize(isFinite: Bool, squaredNorm: Double?, step: Int?, reports: [Double]) throws -> StepOutcome {
        let layout = model.observations
        let own = observations.take(layout) + [squaredNorm ?? 0]
        // A sum of NaN would name nobody, so a rank that is not finite says so and keeps its numbers to itself.
        let isSound = isFinite && own.allSatisfy(\.isFinite)
        var flags = [Double](repeating: 0, count: groups.world?.size ?? 1)
        flags[rank] = isSound ? 0 : 1
        let sums = try sum((isSound ? own : own.map { _ in 0 }) + flags + reports)
        let ranks = flags.indices.filter { sums[own.count + $0] > 0 }
        guard ranks.isEmpty else { throw NonFiniteError(step: step, ranks: ranks) }
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
            row.compactMap { step in step.first.flatMap { $0.kind == .forward ? Step($0) : nil } }
        }
        return schedule
    }
}
