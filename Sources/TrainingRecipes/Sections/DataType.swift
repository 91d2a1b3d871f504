extension Recipe {
    /// The data type of parameters and activations.
    public enum DataType: String, RecipeWord {
        /// Four bytes.
        case float32
        /// Eight bytes.
        case float64
        /// Two bytes, with the exponent of float32.
        case bfloat16

        /// The types by their spellings in PyTorch, torchtitan and Hugging Face.
        public static let synonyms: [String: DataType] = [
            "fp32": .float32, "float": .float32, "torch.float": .float32, "torch.float32": .float32,
            "fp64": .float64, "double": .float64, "torch.double": .float64, "torch.float64": .float64,
            "bf16": .bfloat16, "torch.bfloat16": .bfloat16,
        ]

        /// The number of bytes per element.
        var width: Int {
            switch self {
            case .float64: 8
            case .float32: 4
            case .bfloat16: 2
            }
        }
    }
}
