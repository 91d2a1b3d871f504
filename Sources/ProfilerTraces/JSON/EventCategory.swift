/// What an event's category makes of it.
enum EventCategory: UInt8 {
    /// A kernel on the device.
    case kernel
    /// A copy on the device.
    case copy
    /// A fill on the device.
    case fill
    /// The host's call into the device's runtime or driver.
    case runtime
    /// A range that the program marked.
    case annotation
    /// A span of a timeline that a run or a plan recorded.
    case recorded
    /// No category, or one that says nothing: a stream among the arguments makes it work of the device.
    case unknown
    /// Nothing that is looked at.
    case other

    /// Whether it is work of the device.
    var isDevice: Bool { rawValue <= EventCategory.fill.rawValue }

    /// The category of the given name.
    @inline(__always) init(_ name: UnsafeBufferPointer<UInt8>) {
        switch name.count {
        case 0: self = .unknown
        case 4: self = name.isEqual(to: "wait") ? .recorded : .other
        case 6:
            switch name[0] | 0x20 {
            case UInt8(ascii: "k"): self = name.isEqual(to: "kernel") || name.isEqual(to: "Kernel") ? .kernel : .other
            case UInt8(ascii: "m") where name.isEqual(to: "Memcpy") || name.isEqual(to: "memcpy"): self = .copy
            case UInt8(ascii: "m") where name.isEqual(to: "Memset") || name.isEqual(to: "memset"): self = .fill
            case UInt8(ascii: "m") where name.isEqual(to: "memory"): self = .recorded
            default: self = .other
            }
        case 7: self = name.isEqual(to: "Runtime") ? .runtime : name.isEqual(to: "compute") ? .recorded : .other
        case 8: self = name.isEqual(to: "transfer") ? .recorded : .other
        case 10: self = name.isEqual(to: "gpu_memcpy") ? .copy : name.isEqual(to: "gpu_memset") ? .fill : .other
        case 11: self = name.isEqual(to: "cuda_driver") ? .runtime : .other
        case 12: self = name.isEqual(to: "cuda_runtime") ? .runtime : .other
        case 13: self = name.isEqual(to: "communication") ? .recorded : .other
        case 15: self = name.isEqual(to: "user_annotation") ? .annotation : .other
        case 17: self = name.isEqual(to: "concurrent_kernel") ? .kernel : .other
        default: self = .other
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the bytes are those of a text of the same length.
    @inline(__always) func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for position in 0..<count where self[position] != text.utf8Start[position] { return false }
        return true
    }
}
