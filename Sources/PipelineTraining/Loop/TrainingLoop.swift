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
    /// What this rank did in its last step.
    private var lastStep = Timeline()
    private let recipe: Recipe
    private let schedule: Schedule
    private let place: WorldPlace
    private let source: TokenSource
    private let batches: LanguageBatches
    private let recorder: SpanRecorder
    private let trainer: TrainingRank

    /// Meets the other ranks and makes the model.
    ///
    /// - Parameter schedule: What the recipe's preflight has returned.
    package init(recipe: Recipe, schedule: Schedule, place: WorldPlace) throws {
        self.recipe = recipe
        self.schedule = schedule
        self.place = place
        try LibTorchRuntime.setThreads(recipe.layout.threads)
        source = try TokenSource(recipe, checksContents: !place.hasLauncher)
        let grid = recipe.grid
        guard grid.worldSize == place.worldSize else {
            throw RecipeError(
                "there are \(place.worldSize) ranks, but layout.pipeline x layout.experts is \(grid.worldSize)")
        }
        let expert = grid.coordinate(ofRank: place.rank).expert
        guard let batches = LanguageBatches(source: source, recipe: recipe, schedule: schedule, expert: expert) else {
            throw RecipeError("batch.sequences is \(recipe.batch.sequences), which the layout does not divide")
        }
        self.batches = batches
        recorder = SpanRecorder(rank: place.rank)
        let configuration = DeepSeekV3Configuration(recipe)
        trainer = try TrainingRank(
            model: DeepSeekV3Model(configuration, sequenceLength: recipe.batch.length), schedule: schedule, grid: grid,
            rank: place.rank, sequencesPerMicrobatch: batches.sequencesPerMicrobatch,
            type: configuration.elementType, seed: UInt64(recipe.run.seed), recorder: recorder,
            makeGroup: try place.meet())
    }

    /// Trains; `report` is given every step's metrics, which are the same on every rank.
    package func run(report: (StepMetrics) throws -> Void) throws {
        var waits = StepWaits(pipeline: 0, exchange: 0)
        for step in 1...recipe.run.steps {
            let start = recorder.now()
            let optimizer = recipe.optimizerStep(step)
            let outcome = try trainer.train(
                batches.batch(.training, step: step), optimizer: optimizer,
                reports: [waits.pipeline, waits.exchange])
            let seconds = Double(recorder.now() - start) / 1e9
            lastStep = recorder.take()
            waits = StepWaits(lastStep, seconds: seconds)
            let ranks = Double(place.worldSize)
            var metrics = StepMetrics(
                step: step, loss: outcome.total("loss"), secondTokenLoss: outcome.total("second token loss"),
                balanceLoss: outcome.total("balance"), gradientNorm: outcome.gradientNorm ?? 0, rate: optimizer.rate,
                tokens: batches.tokenCount, seconds: seconds, pipelineWait: outcome.reports[0] / ranks,
                exchangeWait: outcome.reports[1] / ranks, expertBalance: outcome.expertBalance)
            if isValidated(step) { metrics.validationLoss = try validationLoss() }
            try report(metrics)
        }
    }

    private func isValidated(_ step: Int) -> Bool {
        guard source.hasHeldOutPart else { return false }
        let interval = recipe.run.validationInterval
        return step == recipe.run.steps || (interval > 0 && step.isMultiple(of: interval))
    }

    /// The loss of the next token over the same batches of the held-out part every time.
    private func validationLoss() throws -> Double {
        let losses = try (0..<recipe.run.validationBatches).map {
            try trainer.evaluate(batches.batch(.heldOut, step: $0)).total("loss")
        }
        _ = recorder.take()
        return losses.reduce(0, +) / Double(losses.count)
    }

    /// Writes the last step of all ranks as one timeline, and the report, on rank 0.
    package func saveReport(of steps: [StepMetrics], to folder: RunFolder) throws {
        guard let timeline = try trainer.gather(lastStep) else { return }
        try Data(timeline.perfettoJSON().utf8).write(to: folder.timeline, options: .atomic)
        // A step of nothing but pairs does not tell what a lone action costs; there is no plan to show then.
        let costs = try? PipelineCosts(fitting: timeline, chains: schedule.chains)
        let report = RunReport(
            recipe: recipe, steps: steps, chains: schedule.chains, measured: timeline,
            planned: try costs.map { try Simulation(schedule, costs: $0).timeline })
        try Data(report.html().utf8).write(to: folder.report, options: .atomic)
    }

    /// Writes the parameters that this rank answers for.
    package func saveWeights(to folder: RunFolder) throws {
        try trainer.parameters.save(to: folder, rank: place.rank, worldSize: place.worldSize)
    }
}

/// The parts of a step in which a rank waited, 0 to 1.
private struct StepWaits {
    let pipeline: Double
    let exchange: Double

    init(pipeline: Double, exchange: Double) {
        self.pipeline = pipeline
        self.exchange = exchange
    }

    init(_ timeline: Timeline, seconds: Double) {
        var pipeline: Int64 = 0
        var exchange: Int64 = 0
        for span in timeline.spans where timeline.labels[Int(span.label)].activity == .wait {
            if timeline.labels[Int(span.label)].name == "receive" {
                pipeline += span.duration
            } else {
                exchange += span.duration
            }
        }
        self.init(pipeline: Double(pipeline) / 1e9 / seconds, exchange: Double(exchange) / 1e9 / seconds)
    }
}

extension StepOutcome {
    /// Mean over layers of mean expert load over largest expert load; 1 where nothing is routed.
    fileprivate var expertBalance: Double {
        let loads = observations.filter { $0.key.hasSuffix(".load") }.values
        let balances = loads.map { load in
            let largest = load.max() ?? 0
            return largest > 0 ? load.reduce(0, +) / Double(load.count) / largest : 1
        }
        return balances.isEmpty ? 1 : balances.reduce(0, +) / Double(balances.count)
    }
}
