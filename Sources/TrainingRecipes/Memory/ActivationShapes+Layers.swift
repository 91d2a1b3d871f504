extension ActivationShapes {
    // MARK: Attention

    /// The tensors of attention and the norm after it.
    private struct Attention {
        var kept: [Shape]
        var deferred: [Shape]
        /// The names of the tensors that selective recomputation computes again.
        var recomputed: Set<String>
        var forwardBytes, backwardBytes, weightBytes: Double
    }

    private var attention: Attention {
        let (d, h) = (model.hiddenSize, model.numAttentionHeads)
        let queryWidth = model.qkNopeHeadDim + model.qkRopeHeadDim
        let keyValueWidth = model.qkNopeHeadDim + model.vHeadDim
        // On the CPU, the kernel takes heads of one width.
        let headWidth = isCPU ? max(queryWidth, model.vHeadDim) : queryWidth
        let valueWidth = isCPU ? headWidth : model.vHeadDim
        func heads(_ name: String, _ width: Int) -> Shape { shape(name, tokens, h, width, width: kernelWidth) }
        let inputs = [
            shape("normalized input", tokens, d), shape("normalized queries", tokens, model.qLoraRank),
            shape("normalized keys and values", tokens, model.kvLoraRank),
        ]
        let read = [heads("queries", headWidth), heads("keys", headWidth), heads("values", valueWidth)]
        let normalized = shape("normalized stream", tokens, d)
        let mixed = shape("mixed values", tokens, h * model.vHeadDim)
        let isView = valueWidth == model.vHeadDim && kernelWidth == width
        let kept =
            [shape("input", tokens, d), scales("scales of the input")] + inputs
            + [
                shape("compressed queries", tokens, model.qLoraRank), scales("scales of queries"),
                shape("compressed keys and values", tokens, model.kvLoraRank + model.qkRopeHeadDim),
                scales("scales of keys and values"),
                shape("rotations", length, model.qkRopeHeadDim, width: preciseWidth),
            ] + read
            + [heads("kernel's output", valueWidth), shape("logarithms of sums", tokens, h, width: preciseWidth)]
            + (isView ? [] : [mixed])
            + [shape("stream", tokens, d), scales("scales of the stream"), normalized]
        let gradients = [
            shape("gradient of the output", tokens, d), shape("gradient of queries", tokens, h * queryWidth),
            shape("gradient of keys and values", tokens, h * keyValueWidth),
            shape("gradient of compressed queries", tokens, model.qLoraRank),
            shape("gradient of compressed keys and values", tokens, model.kvLoraRank + model.qkRopeHeadDim),
        ]
        let readBytes = read.reduce(0) { $0 + $1.bytes }
        let projected = Double(tokens * h * (queryWidth + keyValueWidth) * width)
        return Attention(
            kept: kept, deferred: inputs + [mixed] + gradients,
            recomputed: Set((inputs + read + [normalized]).map(\.name)), forwardBytes: projected,
            backwardBytes: readBytes + heads("", valueWidth).bytes + shape("", tokens, 2 * d).bytes,
            weightBytes: converted(tokens * h * keyValueWidth))
    }

    // MARK: Dense layers

    var denseLayer: SegmentMemory {
        let attention = attention
        let network = network("hidden units", tokens, model.intermediateSize)
        let segment = SegmentMemory(
            name: "dense layer", kept: attention.kept + network.kept,
            deferred: attention.deferred + [shape("normalized stream", tokens, model.hiddenSize)] + network.deferred,
            forwardBytes: max(attention.forwardBytes, network.forwardBytes),
            backwardBytes: max(attention.backwardBytes, network.backwardBytes),
            weightBytes: max(attention.weightBytes, network.weightBytes))
        return recomputed(segment, attention, inputs: ["input"])
    }

    /// The tensors of a SwiGLU network besides its input.
    private func network(_ name: String, _ rows: Int, _ inner: Int) -> SegmentMemory {
        let d = model.hiddenSize
        return SegmentMemory(
            name: name, kept: [shape(name, rows, 2 * inner)],
            deferred: [
                shape("gradient of the output", rows, d), shape("active units", rows, inner),
                shape("gradient of hidden units", rows, 2 * inner),
            ], forwardBytes: shape("", rows, 2 * inner + d).bytes,
            backwardBytes: shape("", rows, 4 * inner + 2 * d).bytes, weightBytes: converted(rows * (2 * inner + d)))
    }

    /// Returns the segment in the recipe's mode of recomputation.
    private func recomputed(_ segment: SegmentMemory, _ attention: Attention?, inputs: Set<String>) -> SegmentMemory {
        var segment = segment
        switch mode {
        case .none: break
        case .selective: recompute(attention?.recomputed ?? [], in: &segment)
        case .full: recompute(Set(segment.kept.map(\.name)).subtracting(inputs), in: &segment)
        }
        return segment
    }

    // MARK: Layers with experts

    var expertLayer: [SegmentMemory] {
        let exchanges = ["counts", "dispatch", "dispatch of weights"].map { SegmentMemory(name: $0, kept: []) }
        let merge = SegmentMemory(
            name: "merge", kept: [], forwardBytes: shape("", tokens, model.hiddenSize).bytes,
            backwardBytes: shape("", rows, model.hiddenSize).bytes)
        let shared = model.nSharedExperts > 0 ? [sharedExperts] : []
        return [gatedAttention] + exchanges + shared + [experts, SegmentMemory(name: "combine", kept: []), merge]
    }

    /// Attention, the norm after it, the gate and the order of rows.
    private var gatedAttention: SegmentMemory {
        let (d, chosen) = (model.hiddenSize, model.numExpertsPerTok)
        let attention = attention
        let gate = [
            shape("scores", tokens, model.nRoutedExperts, width: preciseWidth), index("chosen experts", tokens, chosen),
            shape("chosen scores", tokens, chosen, width: preciseWidth), scales("sums of chosen scores"),
            scales("sums of scores"), index("places of rows", tokens, chosen),
        ]
        let segment = SegmentMemory(
            name: "attention", kept: attention.kept + gate,
            deferred: attention.deferred + [
                shape("normalized stream", tokens, d),
                shape("gradient of scores", tokens, model.nRoutedExperts, width: preciseWidth),
            ], forwardBytes: max(attention.forwardBytes, shape("", rows, d).bytes),
            backwardBytes: max(attention.backwardBytes, shape("", rows + 2 * tokens, d).bytes),
            weightBytes: attention.weightBytes)
        var result = recomputed(segment, attention, inputs: ["input", "places of rows"])
        // Other segments keep the normalized stream.
        if mode == .full && model.nSharedExperts > 0 { result.kept.append(shape("normalized stream", tokens, d)) }
        return result
    }

    private var sharedExperts: SegmentMemory {
        var segment = network("hidden units", tokens, model.nSharedExperts * model.moeIntermediateSize)
        segment = SegmentMemory(
            name: "shared experts", kept: segment.kept, deferred: segment.deferred, forwardBytes: segment.forwardBytes,
            backwardBytes: segment.backwardBytes, weightBytes: segment.weightBytes)
        if mode == .selective {
            segment.kept.append(scales("scales"))
            segment.deferred.append(shape("normalized stream", tokens, model.hiddenSize))
            segment.backwardBytes += shape("", tokens, model.hiddenSize).bytes
        }
        // In full recomputation, the attention no longer keeps the input.
        if mode == .full { segment.deferred.append(shape("normalized stream", tokens, model.hiddenSize)) }
        return recomputed(segment, nil, inputs: [])
    }

    private var experts: SegmentMemory {
        let d = model.hiddenSize
        let network = network("hidden units", rows, model.moeIntermediateSize)
        let sorted = ranks > 1 ? [index("order by expert", rows), index("order by rank", rows)] : []
        let input = shape("rows", rows, d)
        let segment = SegmentMemory(
            name: "experts", kept: [input, shape("weights of rows", rows, 1)] + network.kept + sorted,
            deferred: network.deferred + [input],
            forwardBytes: network.forwardBytes + (ranks > 1 ? shape("", rows, 2 * d).bytes : 0),
            backwardBytes: network.backwardBytes + (ranks > 1 ? input.bytes : 0),
            // Experts run one by one, the largest with about twice the mean of rows.
            weightBytes: network.weightBytes * min(1, 2 / Double(model.nRoutedExperts / ranks)))
        return recomputed(segment, nil, inputs: [input.name, "weights of rows"])
    }
}
