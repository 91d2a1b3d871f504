import PipelineRuntime
package import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
package import PipelineSchedules
import RankHeartbeats
import SchedulePlanning
import Timelines
package import TrainingRecipes
package import TrainingRuns

/// One rank's training from the first step to the saved weights.
package final class TrainingLoop {
    /// The spans of this rank's last step.
    private var lastStep = Timeline()
    /// The metrics of the last step and this rank's times in it. The reduction of the next step sums the times.
    private var pending: (metrics: StepMetrics, report: StepReport)?
    let recipe: Recipe
    private let schedule: Schedule
    private let place: RankContext
    private let source: TokenSource
    private let batches: LanguageBatches
    private let model: DeepSeekV3Model
    let trainer: Trainer
    let folder: RunFolder
    let warn: (String) -> Void
    private var profiler: StepProfiler
    /// The state that checkpoints keep besides the parameters.
    var state: LoopState
    let saver: CheckpointSaver
    /// The first step of this run; later than 1 if the run continues.
    package let firstStep: Int
    /// The signal that ended training before its last step.
    package private(set) var stopSignal: Int32?

    /// The warnings about the recipe and its data, in one line each.
    package var warnings: [String] { source.warnings }

    /// Connects to the other ranks, creates the model, and loads the newest checkpoint in the folder if there is one.
    ///
    /// - Parameters:
    ///   - schedule: The schedule that the recipe's preflight has returned.
    ///   - folder: The run's folder, which must exist.
    ///   - original: The recipe that the folder holds; nil if it holds none.
    ///   - warn: Receives problems that do not end training, in one line each.
    package init(
        recipe: Recipe, schedule: Schedule, place: RankContext, folder: RunFolder, original: Recipe? = nil,
        warn: @escaping (String) -> Void = { _ in }
    ) throws {
        self.folder = folder
        self.recipe = recipe
        self.schedule = schedule
        self.place = place
        self.warn = warn
        try place.useDevice(recipe.training.device, ranksPerDevice: recipe.training.ranksPerDevice)
        try LibTorchRuntime.setThreads(recipe.training.numThreads)
        guard recipe.grid.worldSize == place.worldSize else {
            throw RecipeError(
                "there \(place.worldSize == 1 ? "is 1 rank" : "are \(place.worldSize) ranks"), but "
                    + "parallelism.pipeline_parallel_degree x expert_parallel_degree is \(recipe.grid.worldSize)")
        }
        profiler = StepProfiler(recipe, folder: folder, rank: place.rank, worldSize: place.worldSize)
        source = try TokenSource(recipe, checksContents: !place.hasLauncher)
        batches = LanguageBatches(source: source, recipe: recipe)
        model = DeepSeekV3Model(recipe)
        trainer = try Trainer(
            model: model, schedule: schedule, grid: recipe.grid, place: place,
            samples: recipe.training.globalBatchSize, seed: UInt64(recipe.training.seed),
            overlaps: recipe.parallelism.overlapMoeExpertParallelComm, layout: recipe.expertLayout())
        state = LoopState(data: source.identity)
        let loaded = try trainer.loadCheckpoint(
            CheckpointFolder(url: folder.checkpoint), recipe: recipe, original: original, data: state.data)
        loaded?.refusals.forEach(warn)
        state.skippedBatches = loaded?.manifest.skippedBatches ?? []
        firstStep = (loaded?.manifest.step ?? 0) + 1
        if loaded == nil, !recipe.model.weights.isEmpty {
            try trainer.loadWeights(from: recipe.model.weights, recipe).forEach(warn)
        }
        saver = CheckpointSaver(
            trainer, url: folder.checkpoint, keepingLatest: recipe.checkpoint.keepLatestK, lastStep: firstStep - 1)
        if place.rank == 0 { state.add(folder.readMetrics(through: firstStep - 1)) }
    }

    /// Trains to the last step, or until a stop is requested, and saves a checkpoint and the weights if the recipe
    /// enables them.
    ///
    /// - Parameters:
    ///   - report: Receives the metrics of every step, which are the same on every rank.
    ///   - rewind: Receives the step that training goes back to.
    package func run(report: (StepMetrics) -> Void, rewind: (Int) throws -> Void = { _ in }) throws {
        var step = firstStep
        while step <= recipe.training.steps, stopSignal == nil {
            do {
                try run(step, report)
                state.succeed(in: step)
                step += 1
            } catch let error as NonFiniteError {
                step = try continued(after: error, in: step, report: { try flush(report) }, rewind: rewind)
            }
        }
        page.phase = .end
        try flush(report)
        guard recipe.checkpoint.enable else { return }
        try finishSaving(step - 1)
        try trainer.saveWeights(to: folder, state.manifest(step: step - 1, recipe))
    }

    private func run(_ step: Int, _ report: (StepMetrics) -> Void) throws {
        page.begin(step: step, step == firstStep ? .firstStep : .training)
        let start = HostClock.now()
        let optimizer = recipe.optimizerStep(step)
        let outcome = try profiler.run(step, trainer.recorder) { try trained(step, optimizer, report) }
        do {
            try page.during(.saving) { try profiler.finish(step, isLast: stopSignal != nil) }
        } catch {
            warn("the recording of step \(step) was not written: \(error.reason)")
        }
        let length = HostClock.now() - start
        lastStep = trainer.timeline
        var metrics = StepMetrics(
            step: step, loss: outcome.total("loss"), mtpLoss: outcome.total("mtp loss"),
            balanceLoss: outcome.total("balance"), gradientNorm: outcome.gradientNorm ?? 0, lr: optimizer.lr,
            tokens: batches.tokenCount, seconds: Double(length) / 1e9,
            expertBalance: model.expertBalance(outcome.observations), deviceBalance: outcome.deviceBalance)
        let stepReport = StepReport(
            lastStep, rank: place.rank, worldSize: place.worldSize, origin: place.isOneMachine ? 0 : start)
        if isValidated(step) { metrics.validationLoss = try page.during(.validation, validationLoss) }
        pending = (metrics, stepReport)
        state.add([metrics])
        if hasCheckpoint(after: step), stopSignal == nil {
            try page.during(.saving) { try saver.begin(state.manifest(step: step, recipe)) }.forEach(warn)
        }
    }

    /// The page on which the rank publishes its step and phase.
    var page: BeatPage { place.heartbeat.page }

    /// Trains one step. The sums of this step complete the metrics of the step before, and the checkpoint that is being
    /// saved.
    private func trained(
        _ step: Int, _ optimizer: OptimizerStep, _ report: (StepMetrics) -> Void
    ) throws -> StepOutcome {
        let before = pending?.report ?? StepReport(worldSize: place.worldSize)
        let outcome = try trainer.train(
            batch(.training, state.batch(ofStep: step)), optimizer: optimizer,
            reports: before.values + StopRequest.flags + saver.report)
        let sums = outcome.reports
        let counts = (before.values.count, StopRequest.flags.count)
        stopSignal = StopRequest.first(sums[counts.0..<counts.0 + counts.1])
        complete(sums, report)
        // The metrics of the checkpoint's step are written before the checkpoint is complete.
        saver.take(Array(sums.dropFirst(counts.0 + counts.1))).forEach(warn)
        return outcome
    }

    /// Sums the report of the last step without waiting for the next step, and reports the metrics.
    private func flush(_ report: (StepMetrics) -> Void) throws {
        guard let pending else { return }
        complete(try trainer.sum(pending.report.values), report)
    }

    private func complete(_ sums: [Double], _ report: (StepMetrics) -> Void) {
        guard var metrics = pending?.metrics else { return }
        pending = nil
        let sum = StepReport(sum: sums, worldSize: place.worldSize)
        metrics.bubble = sum.bubble
        metrics.hiddenCommunication = sum.hiddenShare
        metrics.exposed = sum.exposedShares
        report(metrics)
    }

    private func batch(_ part: TokenSource.Part, _ step: Int) -> [StageBatch] {
        trainer.batches(counts: batches.counts) { [batches] in
            try batches.tensors(part, step: step, sequences: $0)
        }
    }

    private func hasCheckpoint(after step: Int) -> Bool {
        let checkpoint = recipe.checkpoint
        return checkpoint.enable && checkpoint.interval > 0 && step.isMultiple(of: checkpoint.interval)
    }

    private func isValidated(_ step: Int) -> Bool {
        guard source.hasHeldOutPart else { return false }
        let interval = recipe.validation.freq
        return step == recipe.training.steps || (interval > 0 && step.isMultiple(of: interval))
    }

    /// Returns the loss of the next token on the held-out part. Every call uses the same batches.
    private func validationLoss() throws -> Double {
        let losses = try (0..<recipe.validation.steps).map { try trainer.evaluate(batch(.heldOut, $0)).total("loss") }
        return losses.reduce(0, +) / Double(losses.count)
    }

    /// Gathers the last step of all ranks as one timeline. Rank 0 writes the timeline and the report of `steps`. A file
    /// that cannot be written is a warning.
    package func saveReport(of steps: [StepMetrics]) throws {
        guard firstStep <= recipe.training.steps, let timeline = try trainer.gather(lastStep) else { return }
        do {
            try write(timeline, steps)
        } catch {
            warn("the timeline and the report were not written: \(error.reason)")
        }
    }

    private func write(_ timeline: Timeline, _ steps: [StepMetrics]) throws {
        try folder.write(timeline)
        let costs = try PipelineCosts(
            fitting: timeline, chains: schedule.chains, experts: recipe.parallelism.expertParallelDegree)
        let report = RunReport(
            recipe: recipe, steps: steps, chains: schedule.chains, measured: timeline,
            planned: try Simulation(schedule, costs: costs).timeline, memory: recipe.memory(schedule))
        try OpenFolder(folder.url).write(Data(report.html().utf8), to: folder.report.lastPathComponent)
    }
}
