import Foundation
import PipelineSchedules
import SchedulePlanning
import TrainingRecipes

/// The parameters, the schedule and the memory of a recipe, computed without starting a run.
struct DryRun {
    let recipe: Recipe
    let schedule: Schedule
    /// The memory of a device in GB; nil if none is given.
    let deviceMemory: Double?

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
        if let index = memory.indices.max(by: { memory[$0].total < memory[$1].total }) {
            table.rows += rows(of: memory[index], rank: index)
        }
        table.rows.append(["memory of all ranks, about", Recipe.memoryText(all)])
        return table.render()
    }

    /// The parts of the memory of the largest rank.
    private func rows(of largest: RankMemory, rank: Int) -> [[String]] {
        var rows = [
            ("memory of the largest rank, about", largest.total), ("of which parameters", largest.weights),
            ("of which gradients", largest.gradients), ("of which masters and moments", largest.optimizer),
            ("of which activations", largest.activations), ("of which the process and libtorch", largest.runtime),
        ]
        for (segment, bytes) in recipe.activations(schedule, ofRank: rank) {
            rows.append(("kept per micro-batch by \(segment)", bytes))
        }
        if let deviceMemory {
            let share = deviceMemory / Double(recipe.training.ranksPerDevice)
            let missing = largest.total - share * 1e9
            let memory = String(format: "%.4g GB", share)
            rows.append((missing > 0 ? "missing to \(memory)" : "left of \(memory)", abs(missing)))
        }
        return rows.map { [$0.0, Recipe.memoryText($0.1)] }
    }
}
