import PipelineRuntime
import Foundation
import LibTorch
import MoEModels
import PipelineTraining
import TrainingRecipes

/// A tiny DeepSeek-V3 with closed-form weights. An independent float64 program computed its losses and gradients.
enum ReferenceModel {
    static let configuration: DeepSeekV3Configuration = {
        var c = DeepSeekV3Configuration()
        (c.vocabSize, c.hiddenSize, c.numHiddenLayers, c.firstKDenseReplace) = (64, 32, 3, 1)
        (c.numAttentionHeads, c.qLoraRank, c.kvLoraRank) = (4, 16, 8)
        (c.qkNopeHeadDim, c.qkRopeHeadDim, c.vHeadDim) = (8, 4, 8)
        (c.intermediateSize, c.moeIntermediateSize, c.nRoutedExperts, c.numExpertsPerTok) = (64, 16, 8, 2)
        (c.nGroup, c.topkGroup, c.maxPositionEmbeddings) = (4, 2, 32)
        (c.moeRouterBiasUpdateRate, c.initializerRange, c.dtype) = (1e-3, 0.006, .float64)
        (c.ropeScaling.type, c.ropeScaling.factor, c.ropeScaling.originalMaxPositionEmbeddings) = (.yarn, 4, 8)
        return c
    }()

    static let sequences = 2
    static let length = 12
    static let model = DeepSeekV3Model(configuration, sequenceLength: length)

    /// The names and shapes of the reference program's tensors, in its order.
    private static var tensors: [(name: String, shape: [Int])] {
        let c = configuration
        var list: [(String, [Int])] = [("embed", [c.vocabSize, c.hiddenSize])]
        for layer in 0...c.numHiddenLayers {
            let p = "layers.\(layer)."
            if layer == c.numHiddenLayers {
                list += [
                    (p + "enorm", [c.hiddenSize]), (p + "hnorm", [c.hiddenSize]),
                    (p + "eh_proj", [c.hiddenSize, 2 * c.hiddenSize]),
                    (p + "mtp_norm", [c.hiddenSize]),
                ]
            }
            list += LatentNames.all(c).map { (p + $0.name, $0.shape) }
            list.append((p + "ffn_norm", [c.hiddenSize]))
            func network(_ prefix: String, _ inner: Int) -> [(String, [Int])] {
                [
                    (prefix + "w1", [inner, c.hiddenSize]), (prefix + "w2", [c.hiddenSize, inner]),
                    (prefix + "w3", [inner, c.hiddenSize]),
                ]
            }
            if layer < c.firstKDenseReplace {
                list += network(p, c.intermediateSize)
            } else {
                list += [(p + "gate", [c.nRoutedExperts, c.hiddenSize]), (p + "bias", [c.nRoutedExperts])]
                for expert in 0..<c.nRoutedExperts { list += network("\(p)e\(expert).", c.moeIntermediateSize) }
                list += network(p + "s.", c.nSharedExperts * c.moeIntermediateSize)
            }
        }
        return list + [("norm", [c.hiddenSize]), ("head", [c.vocabSize, c.hiddenSize])]
    }

    private enum LatentNames {
        static func all(_ c: DeepSeekV3Configuration) -> [(name: String, shape: [Int])] {
            let head = c.qkNopeHeadDim + c.qkRopeHeadDim
            return [
                ("attn_norm", [c.hiddenSize]), ("wq_a", [c.qLoraRank, c.hiddenSize]), ("q_norm", [c.qLoraRank]),
                ("wq_b", [c.numAttentionHeads * head, c.qLoraRank]),
                ("wkv_a", [c.kvLoraRank + c.qkRopeHeadDim, c.hiddenSize]),
                ("kv_norm", [c.kvLoraRank]),
                ("wkv_b", [c.numAttentionHeads * (c.qkNopeHeadDim + c.vHeadDim), c.kvLoraRank]),
                ("wo", [c.hiddenSize, c.numAttentionHeads * c.vHeadDim]),
            ]
        }
    }

    /// The closed-form values of the reference program, by its names.
    private static let closedForm: [String: [Double]] = {
        var values: [String: [Double]] = [:]
        for (k, tensor) in tensors.enumerated() {
            let last = tensor.name.split(separator: ".").last ?? ""
            let scale = 1.4 / Double(tensor.shape[tensor.shape.count - 1]).squareRoot()
            values[tensor.name] = (0..<tensor.shape.reduce(1, *)).map { i in
                let x = sin(1.0 + 0.37 * Double(k) + 0.7390851 * Double(i))
                if last.contains("norm") { return 1 + 0.1 * x }
                if last == "bias" { return 0.05 * x }
                return last == "embed" ? x : x * scale
            }
        }
        return values
    }()

    /// Returns the values of a parameter on a rank, composed of the reference program's tensors.
    private static func values(_ name: String, share: ParameterSet.ExpertShare) -> [Double] {
        func reference(_ name: String) -> [Double] { closedForm[name] ?? [] }
        let segments = name.split(separator: ".").map(String.init)
        guard let last = segments.last, last == "up" || last == "down" else { return reference(name) }
        func network(_ prefix: String) -> [Double] {
            last == "up" ? reference(prefix + "w1") + reference(prefix + "w3") : reference(prefix + "w2")
        }
        let layer = "layers.\(segments[1])."
        if segments.contains("experts") {
            return share.experts(of: configuration.nRoutedExperts).flatMap { network("\(layer)e\($0).") }
        }
        return network(segments.contains("shared") ? layer + "s." : layer)
    }

    /// Sets a rank's parameters to the closed-form values.
    static func load(into parameters: RankParameters) throws {
        for name in parameters.set.names {
            let tensor = parameters.set[name]
            let closed = try Tensor(values(name, share: parameters.set.share), shape: tensor.shape)
            try tensor.set(to: closed)
        }
    }

    /// Returns the reference program's batch: token i of sequence b is (7i² + 3i + 11b + 5) mod 64. The next tokens of
    /// the last position wrap around. Sequences beyond the second continue the pattern.
    static func batch(sequences range: Range<Int>) throws -> [Tensor] {
        func token(_ b: Int, _ i: Int) -> Int { (7 * i * i + 3 * i + 11 * b + 5) % configuration.vocabSize }
        let shape = [range.count, length]
        func tensor(_ value: (Int, Int) -> Int) throws -> Tensor {
            try Tensor(range.flatMap { b in (0..<length).map { value(b, $0) } }, shape: shape)
        }
        return [
            try tensor { token($0, $1) },
            try tensor { token($0, ($1 + 1) % length) },
            try tensor { token($0, $1 + 1) },
            try tensor { $1 == length - 1 ? -100 : token($0, $1 + 2) },
        ]
    }

    static func counts(sequences: Int) -> [Double] {
        [Double(sequences * length), Double(sequences * (length - 1)), Double(sequences)]
    }
}
