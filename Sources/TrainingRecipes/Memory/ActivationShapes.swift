/// The shapes of the activations of a recipe's model, for one micro-batch on one rank and evenly routed tokens.
///
/// The segments and their names are those of the model. Each lists the tensors that autograd saves.
struct ActivationShapes {
    typealias Shape = SegmentMemory.Shape

    let model: Recipe.ModelSection
    let mode: Recipe.ActivationCheckpointSection.Mode
    let isCPU: Bool
    /// The sequences, tokens and routed rows of a micro-batch on one rank.
    let sequences, tokens, rows: Int
    let length: Int
    let ranks: Int

    init(_ recipe: Recipe) {
        model = recipe.resolvedModel
        mode = recipe.activationCheckpoint.mode
        isCPU = recipe.training.device == .cpu
        ranks = recipe.parallelism.expertParallelDegree
        length = recipe.training.seqLen
        sequences = recipe.training.globalBatchSize / (recipe.parallelism.numMicrobatches * ranks)
        tokens = sequences * length
        rows = tokens * model.numExpertsPerTok
    }

    /// The bytes per element of activations.
    var width: Int { model.dtype.width }
    /// The bytes per element of values that need precision, and of gradients of weights.
    var preciseWidth: Int { model.dtype.preciseWidth }
    /// The bytes per element of the heads that the attention kernel reads.
    var kernelWidth: Int { isCPU ? preciseWidth : width }

    /// The bytes of the tensor that a stage sends to the next one.
    var boundaryBytes: Double { shape("", tokens, model.hiddenSize).bytes }

    func shape(_ name: String, _ sizes: Int..., width: Int? = nil) -> Shape {
        Shape(name: name, sizes: sizes, width: width ?? self.width)
    }

    func index(_ name: String, _ sizes: Int...) -> Shape { Shape(name: name, sizes: sizes, width: 8) }

    /// Returns the segments of a stage with these contents, in forward order.
    func segments(of contents: StageContents) -> [SegmentMemory] {
        var all: [SegmentMemory] = []
        if contents.layers.contains(0) { all.append(embedding) }
        for layer in contents.layers.sorted() { all += self.layer(layer) }
        if contents.hasHead { all.append(head("head")) }
        if contents.predicts {
            all.append(join)
            all += layer(model.numHiddenLayers)
            all.append(head("second head"))
        }
        return all
    }

    private func layer(_ index: Int) -> [SegmentMemory] {
        index < model.firstKDenseReplace ? [denseLayer] : expertLayer
    }

    // MARK: Ends of the model

    private var embedding: SegmentMemory {
        SegmentMemory(name: "embedding", kept: [], backwardBytes: shape("", tokens, model.hiddenSize).bytes)
    }

    private func head(_ name: String) -> SegmentMemory {
        let (d, v) = (model.hiddenSize, model.vocabSize)
        let normalized = shape("normalized stream", tokens, d), logits = shape("logits", tokens, v)
        let chunk = Double(min(tokens * v, max(1 << 22, v)) * preciseWidth)
        var segment = SegmentMemory(
            name: name, kept: [shape("stream", tokens, d), scales("scales"), normalized, logits],
            deferred: [normalized, shape("gradient of logits", tokens, v)],
            forwardBytes: width < preciseWidth ? 2 * chunk : chunk,
            backwardBytes: chunk, weightBytes: converted(tokens * (d + v)))
        if mode == .selective { recompute([normalized.name], in: &segment) }
        return segment
    }

    private var join: SegmentMemory {
        let d = model.hiddenSize
        let embedded = shape("embedding", tokens, d), joined = shape("embedding and stream", tokens, 2 * d)
        var segment = SegmentMemory(
            name: "join", kept: [embedded, scales("scales"), scales("scales of the stream"), joined],
            deferred: [joined, shape("gradient", tokens, d)], forwardBytes: shape("", tokens, 3 * d).bytes,
            backwardBytes: shape("", tokens, 6 * d).bytes, weightBytes: converted(tokens * 3 * d))
        if mode == .selective { recompute([embedded.name, joined.name], in: &segment) }
        return segment
    }

    /// Moves tensors from those that are kept to those that the backward computes again.
    func recompute(_ names: Set<String>, in segment: inout SegmentMemory) {
        segment.backwardBytes += segment.kept.reduce(0) { $0 + (names.contains($1.name) ? $1.bytes : 0) }
        segment.kept.removeAll { names.contains($0.name) }
    }

    /// The factors of a norm, one per token.
    func scales(_ name: String) -> Shape { shape(name, tokens, width: preciseWidth) }

    /// Returns the bytes of converted operands of a weight product, which the CPU computes in the type of the sum.
    func converted(_ elements: Int) -> Double {
        isCPU && width < preciseWidth ? Double(elements * preciseWidth) : 0
    }
}
