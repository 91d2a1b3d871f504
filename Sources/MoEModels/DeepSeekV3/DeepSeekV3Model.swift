public import LibTorch
import PipelineSchedules
public import TrainingRecipes

/// A DeepSeek-V3-style language model.
///
/// A micro-batch has four int64 tensors [B, S]: the tokens, the tokens that follow them (for multi-token prediction),
/// the targets for the next token and the targets for the token after the next. Targets of -100 are ignored. The batch
/// counts are the numbers of targets of both kinds and the number of sequences in the whole global batch.
public struct DeepSeekV3Model: PipelineModel, Sendable {
    /// The index, among the batch counts, of the number of targets for the next token.
    public static let targetCount = 0
    /// The index of the number of targets for the token after the next.
    public static let predictionTargetCount = 1
    /// The index of the number of sequences.
    public static let sequenceCount = 2

    /// The sizes of the model.
    public let configuration: DeepSeekV3Configuration
    /// The number of tokens per sequence, S.
    public let sequenceLength: Int
    /// The activations that the backward pass recomputes.
    public let recomputation: Recipe.ActivationCheckpointSection.Mode

    /// Creates a model that is trained on sequences of `sequenceLength` tokens. If `maxPositionEmbeddings` of the
    /// configuration is 0, it becomes `sequenceLength`.
    public init(
        _ configuration: DeepSeekV3Configuration, sequenceLength: Int,
        recomputation: Recipe.ActivationCheckpointSection.Mode = .none
    ) {
        var configuration = configuration
        if configuration.maxPositionEmbeddings == 0 { configuration.maxPositionEmbeddings = sequenceLength }
        self.configuration = configuration
        self.sequenceLength = sequenceLength
        self.recomputation = recomputation
    }

    /// Creates the model of a recipe.
    public init(_ recipe: Recipe) {
        self.init(
            recipe.resolvedModel, sequenceLength: recipe.training.seqLen,
            recomputation: recipe.activationCheckpoint.mode)
    }

    /// The type of the configuration.
    public var elementType: ElementType { configuration.elementType }

    /// 4: tokens, next tokens and the targets of both losses.
    public var dataCount: Int { 4 }

    /// The number of hidden layers: each stage has at least one.
    public var maximumStageCount: Int { configuration.numHiddenLayers }

    /// The shape of the residual stream, [B, S, D].
    public func boundaryShape(samples: Int) -> [Int] { [samples, sequenceLength, configuration.hiddenSize] }

    /// The layers of a stage. The shares differ by at most one layer; the larger ones come first.
    func layers(ofStage stage: Int, of stageCount: Int) -> Range<Int> {
        EqualShares(of: configuration.numHiddenLayers, into: stageCount)[stage]
    }

    /// The parameters of a stage. The first stage has the embedding, the last one the head. With multi-token
    /// prediction, the last stage has the embedding as well.
    public func parameters(ofStage stage: Int, of stageCount: Int) -> [ParameterSpecification] {
        let c = configuration
        let normal = ParameterSpecification.Start.normal(deviation: c.initializerRange)
        let isLast = stage == stageCount - 1
        let predicts = isLast && c.numNextnPredictLayers > 0
        var result: [ParameterSpecification] = []
        if stage == 0 || predicts {
            result.append(ParameterSpecification("embed", [c.vocabSize, c.hiddenSize], start: normal))
        }
        for layer in layers(ofStage: stage, of: stageCount) {
            result += TransformerLayer.parameters(c, layer: layer)
        }
        if isLast {
            result.append(ParameterSpecification("norm", [c.hiddenSize], start: .constant(1), decays: false))
            result.append(ParameterSpecification("head", [c.vocabSize, c.hiddenSize], start: normal))
        }
        if predicts { result += NextTokenPrediction.parameters(c) }
        return result
    }

    /// The segments of a stage.
    public func graph(ofStage stage: Int, of stageCount: Int, parameters: ParameterSet) throws -> SegmentGraph {
        let c = configuration
        let rotary = try RotaryTable(c, length: sequenceLength)
        var graph = SegmentGraph(dataCount: dataCount)
        var x: SegmentValue
        if stage == 0 {
            let table = parameters["embed"]
            x = graph.compute("embedding", [graph.data[0]]) { inputs, _ in [try table.embedding(of: inputs[0])] }[0]
        } else {
            x = graph.takeInput()
        }
        for layer in layers(ofStage: stage, of: stageCount) {
            x = TransformerLayer(c, layer: layer, parameters: parameters, rotary: rotary)
                .append(to: &graph, x, recomputing: recomputation)
        }
        guard stage == stageCount - 1 else {
            graph.output = x
            return graph
        }
        let head = OutputHead(norm: parameters["norm"], weight: parameters["head"], epsilon: c.rmsNormEps)
        let loss = graph.compute("head", [x, graph.data[2]]) { [recomputation] inputs, context in
            let sum = try head.loss(
                inputs[0], targets: inputs[1], context, isRecomputed: recomputation == .selective)
            return [try sum.times(1 / context.batchCounts[Self.targetCount])]
        }[0]
        graph.addLoss("loss", loss)
        if c.numNextnPredictLayers > 0 {
            NextTokenPrediction(c, parameters: parameters, rotary: rotary)
                .append(to: &graph, x, recomputing: recomputation)
        }
        return graph
    }
}
