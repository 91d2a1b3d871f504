extension Recipe {
    /// The data type of parameters and activations.
    public enum DataType: String, RecipeWord {
        /// bfloat16 on CUDA devices, float32 on CPUs.
        case auto
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

        /// Returns the type that `auto` stands for on a device; every other type is itself.
        func resolved(for device: DeviceType) -> DataType {
            guard self == .auto else { return self }
            return device == .cuda ? .bfloat16 : .float32
        }

        /// The number of bytes per element of gradients, masters and moments: at least those of float32.
        var preciseWidth: Int { max(width, DataType.float32.width) }

        /// The number of bytes per element.
        var width: Int {
            switch self {
            case .float64: 8
            case .float32, .auto: 4
            case .bfloat16: 2
            }
        }
    }

    /// The model's sizes, with the data type that `auto` stands for on the recipe's device.
    public var resolvedModel: ModelSection {
        var resolved = model
        resolved.dtype = model.dtype.resolved(for: training.device)
        return resolved
    }
}
