import Foundation
import PipelineSchedules
import SchedulePlanning
import TrainingRecipes

/// The parameters, the schedule and the memory of a recipe, computed without starting a run.
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
        let all = memory.reduce(0) { $0 + $1.total } * Double(layout.expertParallelDegree)
        var table = TextTable(header: ["", "recipe \(recipe.job.name)"])
        table.rows = [
            ["parameters", "\(model.totalParameters)"],
            ["active parameters per token", "\(model.activeParameters)"],
            ["ranks", "\(ranks) = \(layout.pipelineParallelDegree) pipeline x \(layout.expertParallelDegree) experts"],
            ["schedule", "\(schedule.name), \(counted(schedule.microbatchCount, "micro-batch", "micro-batches"))"],
            ["tokens per step", "\(recipe.training.globalBatchSize * recipe.training.seqLen)"],
            ["bubble at F = I = W", String(format: "%.1f %%", 100 * simulation.bubbleShare)],
            [
                "peak activations per rank",
                counted(report.peakActivations.max() ?? 0, "micro-batch", "micro-batches") + " of a stage",
            ],
            ["parameters per rank, at most", "\(parameters.max() ?? 0)"],
        ]
        if let largest = memory.largest {
            table.rows += [
                ["memory of the largest rank, about", Recipe.memoryText(largest.total)],
                ["of which parameters, gradients and moments", Recipe.memoryText(largest.parameters)],
                ["of which activations", Recipe.memoryText(largest.activations)],
                ["of which the process and libtorch", Recipe.memoryText(largest.runtime)],
            ]
        }
        table.rows.append(["memory of all ranks, about", Recipe.memoryText(all)])
        return table.render()
    }
}
