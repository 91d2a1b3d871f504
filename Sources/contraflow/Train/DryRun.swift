import Foundation
import PipelineSchedules
import SchedulePlanning
import TrainingRecipes

/// What a recipe would take, without starting anything.
struct DryRun {
    let recipe: Recipe
    let schedule: Schedule

    func text() throws -> String {
        let model = recipe.model
        let report = try schedule.validate()
        let simulation = try Simulation(schedule, costs: .unit())
        let ranks = recipe.grid.worldSize
        let bytes = ["float64": 8, "bfloat16": 2][model.type] ?? 4
        // Values, gradients and two moments of AdamW, each in the model's type.
        let state = Double(rankParameters * bytes * 4)
        var table = TextTable(header: ["", "recipe \(recipe.run.name)"])
        table.rows = [
            ["parameters", "\(model.totalParameters)"],
            ["active a token", "\(model.activeParameters)"],
            ["ranks", "\(ranks) = \(recipe.layout.pipeline) pipeline x \(recipe.layout.experts) experts"],
            ["schedule", "\(schedule.name), \(schedule.microbatchCount) micro-batches"],
            ["bubble at F = I = W", String(format: "%.1f %%", 100 * simulation.bubbleShare)],
            ["peak activations a rank", "\(report.peakActivations.max() ?? 0) micro-batches of a stage"],
            ["parameters a rank", "\(rankParameters)"],
            ["parameters, gradients, moments", String(format: "%.2f GiB a rank", state / Double(1 << 30))],
            ["tokens a step", "\(recipe.batch.sequences * recipe.batch.length)"],
        ]
        return table.render()
    }

    /// The parameters of the rank that holds most, by the layers and routed experts that fall to it.
    private var rankParameters: Int {
        let model = recipe.model
        let count = model.parameterCount
        return schedule.rows.indices.map { rank in
            schedule.stages(ofRank: rank).reduce(0) { sum, stage in
                guard let index = schedule.chainIndex(ofStage: stage) else { return sum }
                let chain = schedule.chains[index]
                let position = stage - chain.stages.lowerBound
                let (size, larger) = model.layers.quotientAndRemainder(dividingBy: chain.stages.count)
                let start = position * size + min(position, larger)
                let layers = start..<start + size + (position < larger ? 1 : 0)
                let held = layers.reduce(0) {
                    $0
                        + count.layer(
                            isDense: $1 < model.denseLayers, experts: model.experts / recipe.layout.experts,
                            shared: model.sharedExperts)
                }
                let isEnd = position == 0 || position == chain.stages.count - 1
                return sum + held + (isEnd ? count.vocabulary / 2 : 0)
            }
        }.max() ?? 0
    }
}
