/// The kinds of events that the reader tells apart by their category.
enum EventCategory: UInt8 {
    /// A kernel on the device.
    case kernel
    /// A copy on the device.
    case copy
    /// A fill on the device.
    case fill
    /// A call of the host into the device's runtime or driver.
    case runtime
    /// An operator of PyTorch. Only those that send to or receive from another rank are kept.
    case operation
    /// A range that the program marked.
    case annotation
    /// A span of a timeline that a run, a plan or a merge wrote.
    case recorded
    /// No category. The event is work of the device if its arguments name a stream.
    case unknown
    /// Any other category. Such events are dropped.
    case other

    /// Whether the event is work of the device.
    var isDevice: Bool { rawValue <= EventCategory.fill.rawValue }

    /// The category with the given name.
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
            case UInt8(ascii: "c") where name.isEqual(to: "cpu_op"): self = .operation
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
    /// Whether the bytes equal those of a text.
    @inline(__always) func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for position in 0..<count where self[position] != text.utf8Start[position] { return false }
        return true
    }
}
