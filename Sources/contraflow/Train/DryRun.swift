import Foundation
import PipelineSchedules
import SchedulePlanning
import TrainingRecipes

/// What a recipe would take, without starting anything.
struct DryRun {
    let recipe: Recipe
    let schedule: Schedule

    func text() throws -> String {
        let (model, layout) = (recipe.model, recipe.parallelism)
        let report = try schedule.validate()
        let simulation = try Simulation(schedule, costs: .unit())
        let ranks = recipe.grid.worldSize
        let parameters = recipe.rankContents(schedule).map(recipe.parameters)
        let memory = recipe.memory(schedule)
        func largest(_ part: (RankMemory) -> Double) -> String {
            Recipe.memoryText(memory.map(part).max() ?? 0) + " a rank"
        }
        let all = memory.reduce(0) { $0 + $1.total } * Double(layout.expertParallelDegree)
        var table = TextTable(header: ["", "recipe \(recipe.job.name)"])
        table.rows = [
            ["parameters", "\(model.totalParameters)"],
            ["active a token", "\(model.activeParameters)"],
            ["ranks", "\(ranks) = \(layout.pipelineParallelDegree) pipeline x \(layout.expertParallelDegree) experts"],
            ["schedule", "\(schedule.name), \(schedule.microbatchCount) micro-batches"],
            ["bubble at F = I = W", String(format: "%.1f %%", 100 * simulation.bubbleShare)],
            ["peak activations a rank", "\(report.peakActivations.max() ?? 0) micro-batches of a stage"],
            ["parameters a rank", "\(parameters.max() ?? 0)"],
            ["parameters, gradients, moments", largest(\.parameters)],
            ["activations, about", largest(\.activations)],
            ["memory of all ranks, about", Recipe.memoryText(all)],
            ["tokens a step", "\(recipe.training.globalBatchSize * recipe.training.seqLen)"],
        ]
        return table.render()
    }
}
