import PipelineRuntime
package import DistributedRuntime
import Foundation
import LibTorch
import MoEModels
package import PipelineSchedules
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
    private let recipe: Recipe
    private let schedule: Schedule
    private let place: RankContext
    private let source: TokenSource
    private let batches: LanguageBatches
    private let model: DeepSeekV3Model
    private let trainer: Trainer
    private let folder: RunFolder
    private var profiler: StepProfiler
    /// The first step of this run; later than 1 if the run is resumed.
    package let firstStep: Int

    /// The warnings about the recipe and its data, in one line each.
    package var warnings: [String] { source.warnings }

    /// Connects to the other ranks and creates the model.
    ///
    /// - Parameters:
    ///   - schedule: The schedule that the recipe's preflight has returned.
    ///   - folder: The run's folder, which must exist.
    ///   - isResumed: Whether to continue from the folder's checkpoint.
    package init(
        recipe: Recipe, schedule: Schedule, place: RankContext, folder: RunFolder, isResumed: Bool = false
    ) throws {
        self.folder = folder
        self.recipe = recipe
        self.schedule = schedule
        self.place = place
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
            overlaps: recipe.parallelism.overlapMoeExpertParallelComm)
        firstStep = isResumed ? try trainer.loadCheckpoint(from: folder.checkpoint) + 1 : 1
    }

    /// Trains to the last step, or until a stop is requested, and saves a checkpoint and the weights if the recipe
    /// enables them.
    ///
    /// - Parameter report: Receives the metrics of every step, which are the same on every rank.
    package func run(report: (StepMetrics) throws -> Void) throws {
        var saved = firstStep - 1
        var last = saved
        for step in stride(from: firstStep, through: recipe.training.steps, by: 1) {
            let start = HostClock.now()
            let optimizer = recipe.optimizerStep(step)
            let outcome = try profiler.run(step, trainer.recorder) { try trained(step, optimizer, report) }
            let isStopped = outcome.reports.last ?? 0 > 0
            try profiler.finish(step, isLast: isStopped)
            let length = HostClock.now() - start
            lastStep = trainer.timeline
            var metrics = StepMetrics(
                step: step, loss: outcome.total("loss"), mtpLoss: outcome.total("mtp loss"),
                balanceLoss: outcome.total("balance"), gradientNorm: outcome.gradientNorm ?? 0, lr: optimizer.lr,
                tokens: batches.tokenCount, seconds: Double(length) / 1e9,
                expertBalance: model.expertBalance(outcome.observations))
            let stepReport = StepReport(
                lastStep, rank: place.rank, worldSize: place.worldSize, origin: place.isOneMachine ? 0 : start)
            if isValidated(step) { metrics.validationLoss = try validationLoss() }
            pending = (metrics, stepReport)
            last = step
            if isStopped { break }
            if hasCheckpoint(after: step) {
                // A run that continues from the checkpoint must find the metrics of all steps before.
                try flush(report)
                try trainer.saveCheckpoint(to: folder.checkpoint, step: step)
                saved = step
            }
        }
        try flush(report)
        guard recipe.checkpoint.enable else { return }
        if last > saved { try trainer.saveCheckpoint(to: folder.checkpoint, step: last) }
        try trainer.saveWeights(to: folder)
    }

    /// Trains one step. The sums of this step complete the metrics of the step before.
    private func trained(
        _ step: Int, _ optimizer: OptimizerStep, _ report: (StepMetrics) throws -> Void
    ) throws -> StepOutcome {
        let before = pending?.report ?? StepReport(worldSize: place.worldSize)
        let outcome: StepOutcome
        do {
            outcome = try trainer.train(
                batch(.training, step), optimizer: optimizer,
                reports: before.values + [StopRequest.isPending ? 1 : 0])
        } catch let error as NonFiniteError {
            // Every rank throws this error, so that every rank takes part in the sum.
            try flush(report)
            throw error
        }
        try complete(outcome.reports, report)
        return outcome
    }

    /// Sums the report of the last step without waiting for the next step, and reports the metrics.
    private func flush(_ report: (StepMetrics) throws -> Void) throws {
        guard let pending else { return }
        try complete(trainer.sum(pending.report.values), report)
    }

    private func complete(_ sums: [Double], _ report: (StepMetrics) throws -> Void) throws {
        guard var metrics = pending?.metrics else { return }
        pending = nil
        let sum = StepReport(sum: sums, worldSize: place.worldSize)
        metrics.bubble = sum.bubble
        metrics.hiddenCommunication = sum.hiddenShare
        metrics.exposed = sum.exposedShares
        try report(metrics)
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

    /// Gathers the last step of all ranks as one timeline. Rank 0 writes the timeline and the report of `steps`.
    package func saveReport(of steps: [StepMetrics]) throws {
        guard let timeline = try trainer.gather(lastStep) else { return }
        try folder.write(timeline)
        let costs = try PipelineCosts(
            fitting: timeline, chains: schedule.chains, experts: recipe.parallelism.expertParallelDegree)
        let report = RunReport(
            recipe: recipe, steps: steps, chains: schedule.chains, measured: timeline,
            planned: try Simulation(schedule, costs: costs).timeline, memory: recipe.memory(schedule))
        try Data(report.html().utf8).write(to: folder.report, options: .atomic)
    }
}
