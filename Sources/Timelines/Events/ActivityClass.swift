/// The class of work of a span.
public enum ActivityClass: UInt8, Hashable, Sendable, CaseIterable, Codable {
    /// Arithmetic on the device.
    case compute
    /// A collective among ranks, such as an all-to-all.
    case communication
    /// Copies and fills in the device's own memory.
    case memory
    /// A send or receive between pipeline stages.
    case transfer
    /// A wait, in which nothing runs.
    case wait
    /// Work of which it is not known what it is, such as a graph that was recorded as one block.
    case unknown

    /// The class in lower case, as tables and files spell it.
    public var name: String {
        switch self {
        case .compute: "compute"
        case .communication: "communication"
        case .memory: "memory"
        case .transfer: "transfer"
        case .wait: "wait"
        case .unknown: "unknown"
        }
    }
}
