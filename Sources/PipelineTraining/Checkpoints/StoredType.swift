import LibTorch

/// The type of a tensor in a safetensors file.
enum StoredType {
    case element(ElementType)
    /// One sign bit, 4 of the exponent and 3 of the mantissa, without infinities (e4m3fn).
    case float8

    /// Creates the type with a name in safetensors files; nil if it is not supported.
    init?(_ name: String) {
        switch name {
        case "F8_E4M3": self = .float8
        default:
            guard let type = ElementType.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
            self = .element(type)
        }
    }

    /// The number of bytes per element.
    var byteCount: Int {
        switch self {
        case .element(let type): type.byteCount
        case .float8: 1
        }
    }
}
