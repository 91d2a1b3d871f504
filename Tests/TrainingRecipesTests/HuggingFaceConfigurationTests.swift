import Foundation
import TestSupport
import Testing
import TrainingRecipes

@Suite struct HuggingFaceConfigurationTests {
    /// The published configuration of DeepSeek-V3, without `quantization_config`.
    private static let published = """
        {
          "architectures": ["DeepseekV3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
          "auto_map": {"AutoConfig": "configuration_deepseek.DeepseekV3Config"}, "aux_loss_alpha": 0.001,
          "bos_token_id": 0, "eos_token_id": 1, "ep_size": 1, "first_k_dense_replace": 3, "hidden_act": "silu",
          "hidden_size": 7168, "initializer_range": 0.02, "intermediate_size": 18432, "kv_lora_rank": 512,
          "max_position_embeddings": 163840, "model_type": "deepseek_v3", "moe_intermediate_size": 2048,
          "moe_layer_freq": 1, "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1, "norm_topk_prob": true,
          "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 61, "num_key_value_heads": 128,
          "num_nextn_predict_layers": 1, "pretraining_tp": 1, "q_lora_rank": 1536, "qk_nope_head_dim": 128,
          "qk_rope_head_dim": 64, "rms_norm_eps": 1e-06,
          "rope_scaling": {
            "beta_fast": 32, "beta_slow": 1, "factor": 40, "mscale": 1.0, "mscale_all_dim": 1.0,
            "original_max_position_embeddings": 4096, "type": "yarn"
          },
          "rope_theta": 10000, "routed_scaling_factor": 2.5, "scoring_func": "sigmoid", "seq_aux": true,
          "tie_word_embeddings": false, "topk_group": 4, "topk_method": "noaux_tc", "torch_dtype": "bfloat16",
          "transformers_version": "4.33.1", "use_cache": true, "v_head_dim": 128, "vocab_size": 129280
        }
        """

    private func object() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(Self.published.utf8)) as? [String: Any])
    }

    private func recipe(_ object: [String: Any]) throws -> Recipe {
        var recipe = Recipe()
        try recipe.merge(huggingFace: JSONSerialization.data(withJSONObject: object), source: "config.json")
        return recipe
    }

    @Test("The published configuration of DeepSeek-V3 gives the sizes of its preset")
    func thePublishedConfigurationIsDeepSeekV3() throws {
        var recipe = Preset.debug.recipe
        try recipe.merge(huggingFace: Data(Self.published.utf8), source: "config.json")
        var expected = Preset.deepSeekV3.recipe.model
        expected.moeRouterBiasUpdateRate = Preset.debug.recipe.model.moeRouterBiasUpdateRate
        expected.auxLossAlpha = 0.001
        expected.initializerRange = 0.02
        expected.maxPositionEmbeddings = 163_840
        expected.ropeScaling.type = .yarn
        expected.ropeScaling.factor = 40
        #expect(recipe.model == expected)
        #expect(recipe.training == Preset.debug.recipe.training)
    }

    @Test(
        "A key with an unsupported value is refused by name",
        arguments: [
            ("scoring_func", #""softmax""#), ("topk_method", #""greedy""#), ("hidden_act", #""gelu""#),
            ("attention_bias", "true"), ("attention_dropout", "0.1"), ("tie_word_embeddings", "true"),
            ("norm_topk_prob", "false"), ("moe_layer_freq", "2"), ("num_key_value_heads", "8"), ("q_lora_rank", "null"),
            ("quantization_config", #"{"quant_method": "fp8"}"#), ("model_type", #""deepseek_v2""#),
            ("seq_aux", "false"),
            ("rope_interleave", "false"), ("index_topk", "2048"), ("torch_dtype", #""float16""#),
            ("hidden_size", "null"),
            ("hidden_size", #""wide""#), ("rope_scaling", #"{"type": "linear", "factor": 4}"#),
            ("rope_scaling", #"{"type": "yarn", "factor": 4}"#),
            ("rope_scaling", #"{"type": "yarn", "attention_factor": 4}"#),
        ])
    func unsupportedKeysAreRefusedByName(key: String, value: String) throws {
        var object = try object()
        object[key] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        let error = #expect(throws: RecipeError.self) { try recipe(object) }
        let name = key == "torch_dtype" ? "model.dtype" : key
        #expect(error?.description.hasPrefix("config.json: ") == true && error?.description.contains(name) == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("Unequal or zero rope corrections are refused by the preflight") func unequalRopeCorrectionsAreRefused()
        throws
    {
        var object = try object()
        var scaling = try #require(object["rope_scaling"] as? [String: Any])
        scaling["mscale"] = 0.7
        object["rope_scaling"] = scaling
        let read = try recipe(object)
        let error = #expect(throws: RecipeError.self) { try read.preflight { _ in [] } }
        #expect(error?.description.hasPrefix("model.rope_scaling.mscale is 0.7, but mscale_all_dim is 1.0") == true)
        // Other programs disagree about the meaning of 0.
        scaling["mscale"] = 0
        scaling["mscale_all_dim"] = 0
        object["rope_scaling"] = scaling
        let none = try recipe(object)
        #expect(throws: RecipeError.self) { try none.preflight { _ in [] } }
    }

    @Test("Missing keys have defaults, and rope_parameters is read") func missingKeysHaveDefaults() throws {
        var object = try object()
        for key in [
            "num_nextn_predict_layers", "rope_scaling", "max_position_embeddings", "scoring_func", "rope_theta",
        ] {
            object[key] = nil
        }
        object["model_type"] = "kimi_k2"
        object["rope_parameters"] = ["rope_theta": 50_000, "rope_type": "default"]
        let model = try recipe(object).model
        #expect(model.numNextnPredictLayers == 0 && model.maxPositionEmbeddings == 0)
        #expect(model.ropeScaling == Recipe.RopeScaling() && model.ropeTheta == 50_000)
    }

    @Test("Keys override model.config in any order") func keysOverrideTheConfigurationInAnyOrder() throws {
        try withTemporaryFile(Self.published) { file in
            var recipe = Recipe()
            let toml = "[model]\nvocab_size = 300\nconfig = \"\(file)\"\nhidden_size = 64\n"
            try recipe.merge(toml: toml, source: "r.toml")
            let model = recipe.model
            #expect(model.vocabSize == 300 && model.hiddenSize == 64 && model.numHiddenLayers == 61)
            try recipe.set([("model.hidden_size", "32"), ("model.config", file)])
            #expect(recipe.model.vocabSize == 129_280 && recipe.model.hiddenSize == 32)
            #expect(!recipe.toml().contains("config ="))
        }
    }
}
