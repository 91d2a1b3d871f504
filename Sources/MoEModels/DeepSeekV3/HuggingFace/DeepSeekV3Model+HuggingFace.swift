import LibTorch

extension DeepSeekV3Model {
    /// The tensors of DeepSeek-V3's published checkpoint.
    public func storedTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor] {
        HuggingFaceNames(configuration).tensors(of: specification, expert: expert)
    }

    /// The configuration as DeepSeek-V3 publishes its own and Hugging Face's `DeepseekV3ForCausalLM` reads it.
    public var storedConfiguration: String? { configuration.huggingFaceJSON }
}
