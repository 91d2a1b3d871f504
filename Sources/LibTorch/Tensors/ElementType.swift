import CLibTorch

/// The type of a tensor's elements.
public enum ElementType: Int32, Hashable, Sendable, CaseIterable {
    /// 32-bit floating point.
    case float32 = 0
    /// 64-bit floating point.
    case float64 = 1
    /// 16-bit floating point with float32's range.
    case bfloat16 = 2
    /// 64-bit integers.
    case int64 = 3
    /// Truth values.
    case bool = 4

    /// How many bytes an element takes.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32: 4
        case .bfloat16: 2
        case .bool: 1
        }
    }
}
