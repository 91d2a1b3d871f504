import ArgumentParser
import DistributedRuntime
import LibTorch
import MoEModels
import PipelineRuntime
import PipelineSchedules
import TrainingRecipes

/// A model of two stages on one rank, whose forwards and backwards DualPipeV overlaps.
struct PairModel {
    enum Device: String, ExpressibleByArgument {
        case cpu, cuda
    }

    /// The number of tokens per micro-batch.
    let tokenCount: Int
    private let model: DeepSeekV3Model
    private let parameters: RankParameters
    private let data: [Tensor]

    init(_ recipe: Recipe, _ place: RankContext) throws {
        model = DeepSeekV3Model(recipe)
        let schedule = try Self.schedule(microbatches: 1)
        let map = StageMap(model: model, schedule: schedule)
        let groups = try RankGroups(
            grid: DeviceMesh(pipeline: 1, experts: 1), rank: 0, copySets: map.copySets,
            makeGroup: try place.rendezvous())
        parameters = try RankParameters(map: map, stages: [0, 1], groups: groups, seed: 0, type: model.elementType)
        let length = recipe.training.seqLen
        tokenCount = length
        let windows = try LibTorch.Device.cpu.perform {
            try (0...2).map { offset in
                try Tensor((0..<length).map { ($0 + offset) * 97 % recipe.model.vocabSize }, shape: [1, length])
            }
        }
        data = [windows[0], windows[1], windows[1], windows[2]]
    }

    var share: ParameterSet.ExpertShare { parameters.set.share }

    /// The shape and type of the tensors between the stages.
    var boundary: ([Int], ElementType) { (model.boundaryShape(samples: 1), model.elementType) }

    func graph(ofStage stage: Int) throws -> SegmentGraph {
        try model.graph(ofStage: stage, of: 2, parameters: parameters.set)
    }

    /// Waits until the device has computed all gradients.
    func waitForGradients() throws {
        for bucket in parameters.buckets { _ = try bucket.gradients.narrowed(0, 0..<1).doubles() }
    }

    /// The micro-batches of a step.
    var batch: StageBatch {
        StageBatch(counts: [Double(tokenCount), Double(tokenCount), 1]) { [data] _ in data }
    }

    static func schedule(microbatches: Int) throws -> Schedule {
        try BuiltInSchedule.dualPipeV.build(ranks: 1, microbatches: microbatches)
    }

    /// Layers with experts alone. Every token goes to all experts, so that the sizes of exchanges do not depend on the
    /// gate. On a device, a token goes to 8 experts of inner width 2048, as in DeepSeek-V3.
    static func recipe(_ device: Device) -> Recipe {
        var recipe = Recipe()
        recipe.training.device = device == .cpu ? .cpu : .cuda
        recipe.model.numHiddenLayers = 2
        recipe.model.firstKDenseReplace = 0
        recipe.model.numNextnPredictLayers = 0
        recipe.model.nGroup = 1
        recipe.model.topkGroup = 1
        guard device == .cuda else {
            recipe.model.nRoutedExperts = 4
            recipe.model.numExpertsPerTok = 4
            recipe.training.seqLen = 256
            return recipe
        }
        recipe.model.dtype = .bfloat16
        recipe.model.hiddenSize = 4096
        recipe.model.numAttentionHeads = 32
        recipe.model.qLoraRank = 1536
        recipe.model.kvLoraRank = 512
        recipe.model.qkNopeHeadDim = 128
        recipe.model.qkRopeHeadDim = 64
        recipe.model.vHeadDim = 128
        recipe.model.moeIntermediateSize = 2048
        recipe.model.nRoutedExperts = 8
        recipe.model.numExpertsPerTok = 8
        recipe.training.seqLen = 4096
        return recipe
    }
}
