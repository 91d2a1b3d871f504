import LibTorch
import PipelineSchedules
public import TrainingRecipes

/// A DeepSeek-V3-style language model.
///
/// A micro-batch brings four int64 tensors [B, S]: tokens, the tokens that follow them (for multi-token prediction),
/// the targets of the next token and those of the token after it; targets of -100 do not count. Its batch counts are
/// the targets of either kind and the sequences of the whole global batch.
public struct DeepSeekV3Model: PipelineModel, Sendable {
    /// Where in a batch's counts the number of targets of the next token is.
    public static let targetCount = 0
    /// Where the number of targets of the token after the next is.
    public static let predictionTargetCount = 1
    /// Where the number of sequences is.
    public static let sequenceCount = 2

    /// The sizes of the model.
    public let configuration: DeepSeekV3Configuration
    /// Tokens of a sequence, S.
    public let sequenceLength: Int
    /// The activations that the backward recomputes.
    public let recomputation: Recipe.ActivationCheckpointSection.Mode

    /// A model that is trained on sequences of `sequenceLength` tokens, which are its longest where the configuration
    /// names no length.
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

    /// The model that a recipe describes.
    public init(_ recipe: Recipe) {
        self.init(recipe.model, sequenceLength: recipe.training.seqLen, recomputation: recipe.activationCheckpoint.mode)
    }

    /// Four: tokens, next tokens and the targets of both losses.
    public var dataCount: Int { 4 }

    /// One layer a stage at least.
    public var maximumStageCount: Int { configuration.numHiddenLayers }

    /// The residual stream, [B, S, D].
    public func boundaryShape(samples: Int) -> [Int] { [samples, sequenceLength, configuration.hiddenSize] }

    /// The layers of a stage: equal shares, the larger ones first.
    func layers(ofStage stage: Int, of stageCount: Int) -> Range<Int> {
        EqualShares(of: configuration.numHiddenLayers, into: stageCount)[stage]
    }

    /// The parameters of a stage; the first stage has the embedding, the last the head, and the embedding as well where
    /// it predicts a second token.
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
            result += TransformerLayer.parameters(c, prefix: "layers.\(layer).", isDense: layer < c.firstKDenseReplace)
        }
        if isLast {
            result.append(ParameterSpecification("norm", [c.hiddenSize], start: .constant(1), decays: false))
            result.append(ParameterSpecification("head", [c.vocabSize, c.hiddenSize], start: normal))
        }
        if predicts { result += NextTokenPrediction.parameters(c, prefix: "layers.\(c.numHiddenLayers).") }
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
        let loss = graph.compute("head", [x, graph.data[2]]) { inputs, context in
            let sum = try head.loss(inputs[0], targets: inputs[1], context.weights)
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
