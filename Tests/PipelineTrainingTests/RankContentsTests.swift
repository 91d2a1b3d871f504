import PipelineRuntime
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

/// The recipe's arithmetic, which needs no libtorch, against the parameters that ranks create.
@Suite("Contents of ranks") struct RankContentsTests {
    @Test(
        "A rank holds as many parameters as the recipe computes for it",
        arguments: [
            ("dualpipe", 4, 2), ("dualpipev", 2, 1), ("1f1b", 3, 4), ("interleaved-1f1b", 2, 2), ("chimera", 3, 1),
            ("gpipe", 1, 8),
        ])
    func parameterCounts(schedule: String, pipeline: Int, experts: Int) throws {
        for depth in 0...1 {
            var recipe = Recipe()
            recipe.parallelism.pipelineParallelSchedule = schedule
            recipe.parallelism.pipelineParallelDegree = pipeline
            recipe.parallelism.expertParallelDegree = experts
            recipe.training.globalBatchSize = 64
            recipe.model.numHiddenLayers = 7
            recipe.model.firstKDenseReplace = 2
            recipe.model.numNextnPredictLayers = depth
            let built = try recipe.preflight { _ in [] }
            let model = DeepSeekV3Model(recipe)
            let map = StageMap(model: model, schedule: built)
            let set = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: experts))
            #expect(recipe.rankContents(built).count == pipeline)
            for (rank, contents) in recipe.rankContents(built).enumerated() {
                let specifications = map.specifications(ofStages: built.stages(ofRank: rank))
                let count = specifications.reduce(0) { $0 + set.localShape($1).reduce(1, *) }
                #expect(recipe.parameters(of: contents) == count, "\(schedule), rank \(rank), depth \(depth)")
            }
        }
    }
}
