import CLibTorch

/// The type of a tensor's elements.
public enum ElementType: Int32, Hashable, Sendable, CaseIterable {
    /// 32-bit floating point.
    case float32 = 0
    /// 64-bit floating point.
    case float64 = 1
    /// 16-bit floating point with the exponent range of float32.
    case bfloat16 = 2
    /// 64-bit integers.
    case int64 = 3
    /// Boolean values, one byte each.
    case bool = 4

    /// The type of what is accumulated over tokens or steps, such as gradients and the optimizer's state: float32 for
    /// bfloat16, otherwise the type itself.
    package var accumulated: ElementType { self == .bfloat16 ? .float32 : self }

    /// The number of bytes per element.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32: 4
        case .bfloat16: 2
        case .bool: 1
        }
    }
}
