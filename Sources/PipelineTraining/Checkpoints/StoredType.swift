import LibTorch

/// The type of a tensor in a safetensors file.
enum StoredType {
    case element(ElementType)
    /// One sign bit, 4 of the exponent and 3 of the mantissa, without infinities (e4m3fn).
    case float8
    /// A type that is not read.
    case other(String)

    /// Creates the type with a name in safetensors files.
    init(_ name: String) {
        self =
            name == "F8_E4M3"
            ? .float8
            : ElementType.allCases.first { $0.safetensorsName == name }.map(Self.element) ?? .other(name)
    }

    /// The number of bytes per element; nil for a type that is not read.
    var byteCount: Int? {
        switch self {
        case .element(let type): type.byteCount
        case .float8: 1
        case .other: nil
        }
    }
}
