/// The kinds of events that the reader tells apart by their category.
enum EventCategory: UInt8 {
    /// A kernel on the device.
    case kernel
    /// A copy on the device.
    case copy
    /// A fill on the device.
    case fill
    /// A graph of work on the device, recorded as one block.
    case graph
    /// A call of the host into CUDA's runtime or driver.
    case runtime
    /// An operator of PyTorch. Only those that send to or receive from another rank are kept.
    case operation
    /// A call of the host into the runtime or driver of another device, such as `xpu_runtime`.
    case foreignRuntime
    /// A range that the program marked.
    case annotation
    /// A span of a timeline that a run, a plan or a merge wrote.
    case recorded
    /// No category. The event is work of the device if its arguments name a stream.
    case unknown
    /// Any other category. Such events are dropped.
    case other

    /// Whether the event is work of the device.
    var isDevice: Bool { rawValue <= EventCategory.graph.rawValue }

    /// The category with the given name.
    @inline(__always) init(_ name: UnsafeBufferPointer<UInt8>) {
        switch name.count {
        case 0: self = .unknown
        case 4: self = name.isEqual(to: "wait") ? .recorded : .other
        case 6 where name.isEqual(to: "hpu_op") || name.isEqual(to: "driver"): self = .foreignRuntime
        case 6:
            switch name[0] | 0x20 {
            case UInt8(ascii: "k"): self = name.isEqual(to: "kernel") || name.isEqual(to: "Kernel") ? .kernel : .other
            case UInt8(ascii: "m") where name.isEqual(to: "Memcpy") || name.isEqual(to: "memcpy"): self = .copy
            case UInt8(ascii: "m") where name.isEqual(to: "Memset") || name.isEqual(to: "memset"): self = .fill
            case UInt8(ascii: "m") where name.isEqual(to: "memory"): self = .recorded
            case UInt8(ascii: "c") where name.isEqual(to: "cpu_op"): self = .operation
            default: self = .other
            }
        case 7:
            self =
                name.isEqual(to: "Runtime")
                ? .runtime
                : name.isEqual(to: "compute") || name.isEqual(to: "unknown") ? .recorded : Self.ofRuntime(name)
        case 8: self = name.isEqual(to: "transfer") ? .recorded : .other
        case 10:
            self =
                name.isEqual(to: "gpu_memcpy") ? .copy : name.isEqual(to: "gpu_memset") ? .fill : Self.ofRuntime(name)
        case 11: self = name.isEqual(to: "cuda_driver") ? .runtime : Self.ofRuntime(name)
        case 12: self = name.isEqual(to: "cuda_runtime") ? .runtime : Self.ofRuntime(name)
        case 13: self = name.isEqual(to: "communication") ? .recorded : Self.ofRuntime(name)
        case 15:
            self =
                name.isEqual(to: "user_annotation")
                ? .annotation : name.isEqual(to: "mtia_ccp_events") ? .kernel : .other
        case 17: self = name.isEqual(to: "concurrent_kernel") ? .kernel : .other
        default: self = Self.ofRuntime(name)
        }
    }

    /// The category of a name that may be that of a runtime or driver, as Kineto names those of each kind of device:
    /// `xpu_runtime`, `mtia_runtime`, `privateuse1_driver`.
    private static func ofRuntime(_ name: UnsafeBufferPointer<UInt8>) -> Self {
        name.isEqual(to: "runtime") || name.hasSuffix("_runtime") || name.hasSuffix("_driver")
            ? .foreignRuntime : .other
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the bytes equal those of a text.
    @inline(__always) func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return hasSuffix(text)
    }

    /// Whether the bytes end with those of a text.
    @inline(__always) func hasSuffix(_ text: StaticString) -> Bool {
        let first = count - text.utf8CodeUnitCount
        guard first >= 0 else { return false }
        for position in 0..<text.utf8CodeUnitCount where self[first + position] != text.utf8Start[position] {
            return false
        }
        return true
    }
}
