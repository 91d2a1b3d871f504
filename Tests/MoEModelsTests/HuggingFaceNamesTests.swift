import Foundation
import LibTorch
import MoEModels
import Testing
import TrainingRecipes

@Suite("Names of the published checkpoint") struct HuggingFaceNamesTests {
    private static func model(layers: Int, dense: Int, predictionDepth: Int) -> DeepSeekV3Model {
        var c = DeepSeekV3Configuration()
        (c.vocabSize, c.hiddenSize, c.numHiddenLayers, c.firstKDenseReplace) = (10, 4, layers, dense)
        (c.numAttentionHeads, c.qLoraRank, c.kvLoraRank) = (2, 3, 5)
        (c.qkNopeHeadDim, c.qkRopeHeadDim, c.vHeadDim) = (2, 2, 3)
        (c.intermediateSize, c.moeIntermediateSize, c.nRoutedExperts, c.numExpertsPerTok) = (6, 7, 2, 1)
        (c.nGroup, c.topkGroup, c.numNextnPredictLayers) = (1, 1, predictionDepth)
        return DeepSeekV3Model(c, sequenceLength: 8)
    }

    /// The name and shape of every stored tensor, in the order of the parameters.
    private static func tensors(
        of model: some PipelineModel
    ) -> [(name: String, shape: [Int], parameter: String, stored: StoredTensor)] {
        model.parameters(ofStage: 0, of: 1).flatMap { specification in
            let experts = specification.expertCount.map { (0..<$0).map(Int?.some) } ?? [nil]
            return experts.flatMap { expert in
                model.storedTensors(of: specification, expert: expert).map {
                    ($0.name, [$0.rows.count] + specification.shape.dropFirst(), specification.name, $0)
                }
            }
        }
    }

    /// The names and shapes of the published checkpoint for a dense layer, a layer with routed experts and the layer of
    /// multi-token prediction, as in the checkpoint's index.
    private static var published: [String: [Int]] {
        var names: [String: [Int]] = [
            "model.embed_tokens.weight": [10, 4], "model.norm.weight": [4], "lm_head.weight": [10, 4],
            "model.layers.2.embed_tokens.weight": [10, 4], "model.layers.2.enorm.weight": [4],
            "model.layers.2.hnorm.weight": [4], "model.layers.2.eh_proj.weight": [4, 8],
            "model.layers.2.shared_head.norm.weight": [4], "model.layers.2.shared_head.head.weight": [10, 4],
        ]
        func network(_ prefix: String, _ inner: Int) {
            names[prefix + "gate_proj.weight"] = [inner, 4]
            names[prefix + "up_proj.weight"] = [inner, 4]
            names[prefix + "down_proj.weight"] = [4, inner]
        }
        for layer in 0...2 {
            let prefix = "model.layers.\(layer)."
            names[prefix + "input_layernorm.weight"] = [4]
            names[prefix + "post_attention_layernorm.weight"] = [4]
            names[prefix + "self_attn.q_a_proj.weight"] = [3, 4]
            names[prefix + "self_attn.q_a_layernorm.weight"] = [3]
            names[prefix + "self_attn.q_b_proj.weight"] = [8, 3]
            names[prefix + "self_attn.kv_a_proj_with_mqa.weight"] = [7, 4]
            names[prefix + "self_attn.kv_a_layernorm.weight"] = [5]
            names[prefix + "self_attn.kv_b_proj.weight"] = [10, 5]
            names[prefix + "self_attn.o_proj.weight"] = [4, 6]
            guard layer > 0 else {
                network(prefix + "mlp.", 6)
                continue
            }
            names[prefix + "mlp.gate.weight"] = [2, 4]
            names[prefix + "mlp.gate.e_score_correction_bias"] = [2]
            network(prefix + "mlp.experts.0.", 7)
            network(prefix + "mlp.experts.1.", 7)
            network(prefix + "mlp.shared_experts.", 7)
        }
        return names
    }

    @Test("Names and shapes are those of the published checkpoint, each once") func namesAndShapes() {
        let tensors = Self.tensors(of: Self.model(layers: 2, dense: 1, predictionDepth: 1))
        #expect(Set(tensors.map(\.name)).count == tensors.count)
        #expect(Dictionary(tensors.map { ($0.name, $0.shape) }) { first, _ in first } == Self.published)
    }

    @Test("A model without multi-token prediction stores no copies") func noCopies() {
        let tensors = Self.tensors(of: Self.model(layers: 2, dense: 1, predictionDepth: 0))
        #expect(Set(tensors.map(\.name)) == Set(Self.published.keys.filter { !$0.hasPrefix("model.layers.2.") }))
        #expect(tensors.allSatisfy { !$0.stored.isCopy })
    }

    @Test(
        "The stored tensors of a parameter cover its rows in order and have unique names",
        arguments: [(1, 0), (1, 1), (3, 1), (4, 4), (2, 5)], [0, 1])
    func partsOfParameters(layers: (count: Int, dense: Int), predictionDepth: Int) {
        let model = Self.model(layers: layers.count, dense: layers.dense, predictionDepth: predictionDepth)
        var names: Set<String> = []
        for specification in model.parameters(ofStage: 0, of: 1) {
            let experts = specification.expertCount.map { (0..<$0).map(Int?.some) } ?? [nil]
            for expert in experts {
                let stored = model.storedTensors(of: specification, expert: expert)
                for tensor in stored { #expect(names.insert(tensor.name).inserted, "\(tensor.name) twice") }
                var row = 0
                for part in stored where !part.isCopy {
                    #expect(part.rows.lowerBound == row)
                    row = part.rows.upperBound
                }
                #expect(row == specification.shape[0], "\(specification.name)")
                #expect(stored.filter(\.isCopy).allSatisfy { $0.rows == 0..<row })
            }
        }
    }

    @Test("The stored configuration has the model's sizes under Hugging Face's keys") func storedConfiguration() throws
    {
        var configuration = Self.model(layers: 3, dense: 1, predictionDepth: 1).configuration
        configuration.ropeScaling.type = .yarn
        configuration.ropeScaling.factor = 40
        func fields() throws -> [String: Any] {
            let text = try #require(DeepSeekV3Model(configuration, sequenceLength: 8).storedConfiguration)
            return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
        var found = try fields()
        let expected: [String: Int] = [
            "vocab_size": 10, "hidden_size": 4, "intermediate_size": 6, "moe_intermediate_size": 7,
            "num_hidden_layers": 3, "first_k_dense_replace": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
            "q_lora_rank": 3, "kv_lora_rank": 5, "qk_nope_head_dim": 2, "qk_rope_head_dim": 2, "v_head_dim": 3,
            "n_routed_experts": 2, "n_shared_experts": 1, "num_experts_per_tok": 1, "n_group": 1, "topk_group": 1,
            "num_nextn_predict_layers": 1, "max_position_embeddings": 8,
        ]
        for (key, value) in expected { #expect(found[key] as? Int == value, "\(key)") }
        #expect(found["bos_token_id"] is NSNull && found["eos_token_id"] is NSNull)
        #expect(found["routed_scaling_factor"] as? Double == 2.5 && found["norm_topk_prob"] as? Bool == true)
        #expect((found["rope_scaling"] as? [String: Any])?["factor"] as? Double == 40)

        configuration.nRoutedExperts = 8
        configuration.nGroup = 4
        configuration.topkGroup = 2
        configuration.ropeScaling.type = .default
        found = try fields()
        #expect(found["n_group"] as? Int == 4 && found["topk_group"] as? Int == 2)
        #expect(found["rope_scaling"] == nil)

        // Hugging Face's files name the type that the weights have.
        let types: [(Recipe.DataType, String)] = [(.auto, "float32"), (.bfloat16, "bfloat16"), (.float64, "float64")]
        for (type, name) in types {
            configuration.dtype = type
            #expect(try fields()["torch_dtype"] as? String == name)
        }
    }

    @Test("A model that defines no file names stores parameters under their own names") func defaultNames() {
        let experts = ParameterSpecification("layers.3.experts.up", [4, 2], expertCount: 8, start: .constant(0))
        #expect(
            OwnModel().storedTensors(of: experts, expert: 5)
                == [StoredTensor("layers.3.experts.5.up", rows: 0..<4)])
        let plain = ParameterSpecification("norm", [4], start: .constant(1))
        #expect(OwnModel().storedTensors(of: plain, expert: nil) == [StoredTensor("norm", rows: 0..<4)])
        #expect(OwnModel().storedConfiguration == nil)
    }
}

private struct OwnModel: PipelineModel {
    var dataCount: Int { 0 }
    var maximumStageCount: Int { 1 }
    var observations: [(name: String, count: Int)] { [] }

    func boundaryShape(samples: Int) -> [Int] { [samples] }
    func parameters(ofStage stage: Int, of stageCount: Int) -> [ParameterSpecification] { [] }
    func graph(ofStage stage: Int, of stageCount: Int, parameters: ParameterSet) throws -> SegmentGraph {
        SegmentGraph(dataCount: 0)
    }
}
