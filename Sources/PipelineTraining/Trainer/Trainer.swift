public import PipelineRuntime
public import DistributedRuntime
package import ExpertBalancing
public import LibTorch
public import MoEModels
public import PipelineSchedules
import SchedulePlanning
public import Timelines
public import TrainingRecipes

/// One rank's part of a model under a schedule, with the parts that a step of training or evaluation needs.
///
/// Only the thread that creates a trainer may use it. Every rank of the world creates one and calls the same methods in
/// the same order.
public final class Trainer {
    // The type has more than fifteen properties, because it has one per part that lives as long as training.

    /// The parameters that the rank holds, with their gradients.
    package let parameters: RankParameters
    /// The group of all ranks for tensors on the CPU; nil in a world of one rank.
    var control: ProcessGroup? { groups.control }
    let model: any PipelineModel
    let map: StageMap
    let grid: DeviceMesh
    let rank: Int
    let groups: RankGroups
    private let shares: BatchShares
    package let recorder: SpanRecorder
    private let kernels: [Int: SegmentStage]
    package let executor: StepExecutor
    private let evaluator: StepExecutor
    private let program: RankProgram
    private let reductions: GradientReductions
    /// The exchanges between experts and their replicas; nil if there are no replicas.
    private let replicas: ReplicaExchange?
    private let observations = Observations()
    private let overlaps: Bool
    /// The number of layers of routed experts whose device balance is reported.
    private let balancedLayers: Int
    private var stepsTrained = 0

    /// Connects to the other ranks and creates this rank's parameters.
    ///
    /// - Parameters:
    ///   - schedule: A valid schedule for the grid's pipeline.
    ///   - grid: The arrangement of the ranks.
    ///   - place: This rank and the rendezvous with the others.
    ///   - samples: The number of samples of a global batch, over all ranks and micro-batches.
    ///   - seed: The seed of the parameters' starting values, which are the same in every layout.
    ///   - overlaps: Whether forwards, backwards and weight gradients are overlapped, so that exchanges of tokens run
    ///     beside computation; otherwise each exchange is waited for at once. The results are the same.
    /// - Throws: `LayoutError` if the ranks, schedule, grid, model and samples do not fit together; the validator's
    ///   error if the schedule is not valid; `LibTorchError` if the ranks cannot connect; `CommunicationOrderError` if
    ///   two ranks would start a group's collectives or a link's transfers in different orders.
    public convenience init(
        model: some PipelineModel, schedule: Schedule, grid: DeviceMesh, place: RankContext, samples: Int,
        seed: UInt64 = 0, overlaps: Bool = true
    ) throws {
        try self.init(
            model: model, schedule: schedule, grid: grid, place: place, samples: samples, seed: seed,
            overlaps: overlaps, layout: nil)
    }

    /// - Parameter layout: The slots of experts; nil if each rank of an expert-parallel group holds its share of
    ///   consecutive experts.
    package init(
        model: some PipelineModel, schedule: Schedule, grid: DeviceMesh, place: RankContext, samples: Int,
        seed: UInt64 = 0, overlaps: Bool = true, layout: ExpertLayout?
    ) throws {
        shares = try Self.shares(schedule, grid, place, samples: samples)
        try Self.check(model, schedule, grid)
        if let layout { try Self.check(layout, model, grid) }
        self.model = model
        self.grid = grid
        self.overlaps = overlaps
        balancedLayers = grid.experts > 1 ? model.expertLayerCount : 0
        rank = place.rank
        let hasHostTimes = Device.current == .cpu && !place.timesStreams
        recorder = SpanRecorder(rank: rank, clock: hasHostTimes ? .host : .streams, page: place.heartbeat.page)
        map = StageMap(model: model, schedule: schedule)
        groups = try RankGroups(grid: grid, rank: rank, copySets: map.copySets, makeGroup: try place.rendezvous())
        let stages = schedule.stages(ofRank: groups.pipelineRank)
        parameters = try RankParameters(
            map: map, stages: stages, groups: groups, seed: seed, type: model.elementType, layout: layout)
        let graphs = try stages.map { [map, parameters] stage in
            let modelStage = map.modelStage(of: stage)
            return try model.graph(ofStage: modelStage.index, of: modelStage.count, parameters: parameters.set)
        }
        // A step of a row starts at most the exchanges of one forward and one backward, and waits for all of them.
        let shared = try groups.sharedExperts(slots: 2 * (graphs.map(\.exchangeCount).max() ?? 0))
        let streams = try RankStreams()
        let exchange = TokenDispatcher(
            group: try groups.tokens(), countsGroup: try shared ?? groups.counts(), shared: shared, share: groups.share,
            streams: streams, recorder: recorder, overlaps: overlaps)
        kernels = zip(stages, graphs).reduce(into: [:]) { [recorder, observations] kernels, entry in
            kernels[entry.0] = SegmentStage(
                graph: entry.1, stage: entry.0, exchange: exchange, recorder: recorder, observe: observations.add)
        }
        let boundary = (model.boundaryShape(samples: shares.samplesPerMicrobatch), model.elementType)
        program = RankProgram(schedule, rank: groups.pipelineRank)
        executor = try StepExecutor(
            program: program, kernels: kernels, group: groups.pipeline, streams: streams, boundary: boundary,
            recorder: recorder, page: place.heartbeat.page)
        evaluator = try StepExecutor(
            program: RankProgram(schedule.forwardsAlone(), rank: groups.pipelineRank), kernels: kernels,
            group: groups.pipeline, streams: streams, boundary: boundary, page: place.heartbeat.page)
        if !overlaps { executor.overlapPlans = executor.patterns.map { .sequential($0.problem) } }
        reductions = GradientReductions(
            parameters, schedule, map, groups: groups, streams: streams, recorder: recorder)
        replicas = ReplicaExchange(parameters, groups: groups)
        try groups.check(communicationOrder)
    }

    /// Checks that the ranks, schedule, grid and samples fit together, and returns the shares of a global batch.
    private static func shares(
        _ schedule: Schedule, _ grid: DeviceMesh, _ place: RankContext, samples: Int
    ) throws -> BatchShares {
        guard grid.replicas == 1 else {
            throw LayoutError(
                "the mesh has \(grid.replicas) replicas, but training with replicas is not supported: use 1 replica and "
                    + "a larger expert degree")
        }
        guard place.worldSize == grid.worldSize, schedule.rankCount == grid.pipeline else {
            throw LayoutError(
                "pipeline degree \(grid.pipeline) x expert degree \(grid.experts) needs world size \(grid.worldSize) and "
                    + "a schedule of pipeline degree \(grid.pipeline), but the world size is \(place.worldSize) and "
                    + "\(schedule.name) has pipeline degree \(schedule.rankCount): use degrees that agree")
        }
        try schedule.validate()
        let microbatches = schedule.chains.map(\.microbatchCount)
        guard let shares = BatchShares(samples: samples, experts: grid.experts, microbatches: microbatches) else {
            throw LayoutError(
                "a batch size of \(samples) is not a positive multiple of micro-batches x expert degree, "
                    + "\(schedule.microbatchCount) x \(grid.experts): use a multiple of "
                    + "\(schedule.microbatchCount * grid.experts)")
        }
        return shares
    }

    /// Checks that the model can be cut into the schedule's stages, and that the expert-parallel group can share the
    /// experts.
    private static func check(_ model: some PipelineModel, _ schedule: Schedule, _ grid: DeviceMesh) throws(LayoutError)
    {
        let stages = schedule.chains.map(\.stages.count).max() ?? 1
        guard stages <= model.maximumStageCount else {
            throw LayoutError(
                "\(schedule.name) cuts the model into \(stages) stages, but the model can be cut into at most "
                    + "\(model.maximumStageCount): use a schedule of fewer stages or a model of more layers")
        }
        for specification in model.parameters(ofStage: 0, of: 1) {
            guard let experts = specification.expertCount, !experts.isMultiple(of: grid.experts) else { continue }
            throw LayoutError(
                "\(specification.name) has \(experts) experts, which expert degree \(grid.experts) does not divide: "
                    + "use an expert degree that divides \(experts)")
        }
    }

    /// Checks that the slots of experts are those of the model's layers on the ranks of the mesh.
    private static func check(
        _ layout: ExpertLayout, _ model: some PipelineModel, _ grid: DeviceMesh
    ) throws(LayoutError) {
        for specification in model.parameters(ofStage: 0, of: 1) {
            guard let experts = specification.expertCount else { continue }
            guard specification.expertLayer < layout.layers.count else {
                throw LayoutError(
                    "the placement has \(layout.layers.count) layers, but \(specification.name) is in layer "
                        + "\(specification.expertLayer) of routed experts: give a placement of all layers with routed experts"
                )
            }
            let slots = layout.layers[specification.expertLayer]
            guard slots.expertCount == experts, slots.rankCount == grid.experts else {
                throw LayoutError(
                    "the placement is for \(slots.expertCount) experts on \(slots.rankCount) ranks, but "
                        + "\(specification.name) has \(experts) experts on \(grid.experts) ranks: give a placement for these"
                )
            }
        }
    }

    /// The collectives and transfers that the rank starts per training step, in order.
    var communicationOrder: CommunicationOrder {
        var order = CommunicationOrder()
        if let replicas { order.append(replicas.refreshNames, ranks: groups.expertRanks) }
        order.append(program)
        var position = 0
        for (end, exchanges) in executor.exchanges {
            order.append(exchanges, ranks: groups.expertRanks)
            for (ranks, name) in reductions.started(after: position..<end + 1) { order.append(name, ranks: ranks) }
            position = end + 1
        }
        if let replicas { order.append(replicas.returnNames, ranks: groups.expertRanks) }
        for (ranks, name) in reductions.started(after: position..<Int.max) { order.append(name, ranks: ranks) }
        for (ranks, name) in reductions.startedLast { order.append(name, ranks: ranks) }
        order.append("summary of \(model.observations.map(\.name))", ranks: groups.worldRanks)
        return order
    }

    /// Returns this rank's part of a global batch, one value per chain.
    ///
    /// - Parameters:
    ///   - counts: The divisors of the losses: counts over the whole global batch, in the order that the model defines.
    ///   - data: Returns the tensors of the given samples of the global batch.
    public func batches(counts: [Double], data: @escaping (_ samples: Range<Int>) throws -> [Tensor]) -> [StageBatch] {
        shares.microbatches.indices.map { [shares, expert = groups.share.index] chain in
            StageBatch(counts: counts) { microbatch in
                try data(shares.samples(chain: chain, microbatch: microbatch, expert: expert))
            }
        }
    }

    /// Computes the gradients of a global batch, summed over all ranks that hold the same parameters.
    ///
    /// - Parameters:
    ///   - batches: This rank's micro-batches of each chain.
    ///   - reports: The caller's own numbers, as many on every rank, to be summed over ranks. The expression is
    ///     evaluated after the gradients are summed.
    /// - Throws: ``NonFiniteError`` on every rank if a loss or gradient of any rank is NaN or infinite.
    public func computeGradients(
        _ batches: [StageBatch], reports: @autoclosure () -> [Double] = []
    ) throws -> StepOutcome {
        try computeGradients(batches, step: nil, reports: reports)
    }

    private func computeGradients(_ batches: [StageBatch], step: Int?, reports: () -> [Double]) throws -> StepOutcome {
        try parameters.clearGradients()
        try begin(batches, runsBackward: true)
        try executor.run { try reductions.start(through: $0) }
        try replicas?.returnGradients()
        return try summarize(reductions.finish(), step: step, reports: reports)
    }

    /// Trains one step: computes the gradients, applies the optimizer, and lets the model adjust parameters that have
    /// no gradient.
    ///
    /// - Parameters:
    ///   - batches: This rank's micro-batches of each chain.
    ///   - reports: The caller's own numbers, as many on every rank, to be summed over ranks. The expression is
    ///     evaluated after the gradients are summed.
    /// - Throws: ``NonFiniteError`` on every rank if a loss or gradient of any rank is NaN or infinite.
    public func train(
        _ batches: [StageBatch], optimizer: OptimizerStep, reports: @autoclosure () -> [Double] = []
    ) throws -> StepOutcome {
        try train(batches, optimizer: optimizer, movingTo: [:], reports: reports())
    }

    /// Trains one step, in which the slots of layers of routed experts change.
    ///
    /// - Parameter slots: The slots of the layers that change, by the number of the layer; the same on every rank.
    package func train(
        _ batches: [StageBatch], optimizer: OptimizerStep, movingTo slots: [Int: ExpertSlots],
        reports: @autoclosure () -> [Double] = []
    ) throws -> StepOutcome {
        let migration = try startMigration(to: slots)
        let result = Result { try computeGradients(batches, step: optimizer.number, reports: reports) }
        // The slots change also if a loss is not finite, because all ranks have planned so.
        if case .failure(let error) = result, !(error is NonFiniteError) { throw error }
        try migration?.finish()
        let outcome = try result.get()
        for bucket in parameters.buckets { try optimizer.apply(to: bucket, norm: outcome.gradientNorm ?? 0) }
        weightsHaveChanged()
        try model.adjust(parameters.set, observations: outcome.observations)
        stepsTrained += 1
        // Replan after steps 1, 2, 4, 8, …
        if overlaps && stepsTrained.nonzeroBitCount == 1 { try replanOverlap() }
        return outcome
    }

    private func startMigration(to slots: [Int: ExpertSlots]) throws -> ExpertMigration? {
        guard !slots.isEmpty, let layout = parameters.set.layout, let group = groups.experts else { return nil }
        return try ExpertMigration(to: slots, of: parameters, layout: layout, in: group)
    }

    /// The actions, segments and waits of this rank in its last step or evaluation.
    public var timeline: Timeline { recorder.timeline }

    /// Runs the forwards of a global batch, without backwards.
    public func evaluate(_ batches: [StageBatch]) throws -> StepOutcome {
        try begin(batches, runsBackward: false)
        try evaluator.run()
        return try summarize(nil, step: nil) { [] }
    }

    /// Declares that the weights of this rank's experts have changed. The replicas of the experts take the new weights
    /// before the next step or evaluation.
    func weightsHaveChanged() { replicas?.invalidate() }

    private func begin(_ batches: [StageBatch], runsBackward: Bool) throws {
        recorder.clear()
        parameters.set.deviceLoads.clear()
        try replicas?.refresh()
        for (stage, kernel) in kernels {
            kernel.begin(batches[map.modelStage(of: stage).chain], runsBackward: runsBackward)
        }
    }

    /// Sums numbers over all ranks. All ranks must give equally many.
    package func sum(_ numbers: [Double]) throws -> [Double] {
        guard groups.world != nil else { return numbers }
        return try sum(Tensor(numbers, shape: [numbers.count]))
    }

    private func sum(_ numbers: Tensor) throws -> [Double] {
        try groups.world?.allReduce(numbers).wait()
        return try numbers.doubles()
    }

    /// Sums over all ranks, in one reduction: observations, the squared gradient norm, the flags of ranks that are not
    /// finite, and the reports. The host reads the device once, after the reduction.
    private func summarize(_ gradients: GradientNumbers?, step: Int?, reports: () -> [Double]) throws -> StepOutcome {
        let layout = model.observations
        let observed = try observations.take(layout)
        let squaredNorm = try (gradients?.squaredNorm ?? .zeros([], .float64)).reshaped([1])
        // A NaN in a sum would not tell which rank it came from, so a rank with a value that is not finite sets a flag
        // and gives zeros: 2 if its own losses or gradients are not finite, 1 if only the squared norm is not. The
        // squared norm is that of summed gradients. A rank is named for its squared norm only if the losses and
        // gradients of all ranks were finite before the sum.
        let ownSums = try (gradients?.ownSums ?? []).map { try $0.reshaped([1]) }
        let isOwnFinite = try Tensor.concatenated([observed] + ownSums, along: 0).isFinite()
        let own = try Tensor.concatenated([observed, squaredNorm], along: 0)
        let isSound = try own.isFinite().times(isOwnFinite)
        let flag = try Tensor.full([], .float64, 2).adding(isOwnFinite, scaledBy: -1).adding(isSound, scaledBy: -1)
        let world = groups.world?.size ?? 1
        let numbers = reports()
        let loads = parameters.set.deviceLoads.numbers(ofLayers: balancedLayers)
        try recorder.close()
        let sums = try sum(
            .concatenated(
                [
                    own.keeping(isSound, otherwise: 0), .zeros([rank], .float64), flag.reshaped([1]),
                    .zeros([world - rank - 1], .float64),
                    Tensor(loads + numbers, shape: [loads.count + numbers.count]),
                ], along: 0))
        try recorder.finish()
        let count = own.elementCount
        let raised = sums[count..<count + world]
        let highest = raised.max() ?? 0
        guard highest == 0 else {
            throw NonFiniteError(step: step, ranks: (0..<world).filter { raised[count + $0] == highest })
        }
        var position = 0
        var values: [String: [Double]] = [:]
        for (name, count) in layout {
            values[name] = Array(sums[position..<position + count])
            position += count
        }
        return StepOutcome(
            observations: values, reports: Array(sums.suffix(numbers.count)),
            gradientNorm: gradients.map { _ in sums[count - 1].squareRoot() },
            deviceBalances: DeviceLoads.balances(
                Array(sums[count + world..<count + world + loads.count]), rankCount: grid.experts))
    }
}

extension Schedule {
    /// Returns the schedule without its backwards, for an evaluation.
    func forwardsAlone() -> Schedule {
        var schedule = self
        schedule.rows = rows.map { row in
            row.compactMap { step in step.first.flatMap { $0.kind == .forward ? Step($0) : nil } }
        }
        return schedule
    }
}
