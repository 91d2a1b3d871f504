/// The sizes, group and element type of a collective, as PyTorch records them in the arguments of an NCCL kernel.
public struct Collective: Hashable, Sendable {
    /// The operation, such as `allreduce`.
    public var operation = ""
    /// The number of elements in this rank's input; nil if the trace does not say.
    public var inputElements: Int64?
    /// The number of elements in this rank's output; nil if the trace does not say.
    public var outputElements: Int64?
    /// The number of ranks that take part; nil if the trace does not say.
    public var groupSize: Int?
    /// The element type, in PyTorch's spelling.
    public var elementType = ""
    /// The process group's name.
    public var group = ""
    /// The group's description, such as `default_pg`.
    public var groupDescription = ""
    /// The group's ranks, as written in the trace.
    public var groupRanks = ""

    /// The number of the collective in its process group, which is the same on all ranks; nil if the trace does not say.
    public var sequenceNumber: Int64?

    /// The peer rank of a point-to-point message; nil for a collective, or if the trace does not say.
    public var peer: Int?

    /// Creates a collective of which nothing is known.
    package init() {}

    /// Whether the operation sends to one other rank.
    var isSend: Bool { operation.lowercased().contains("send") && !isReceive }
    /// Whether the operation receives from one other rank.
    var isReceive: Bool { operation.lowercased().contains("recv") || operation.lowercased().contains("receive") }

    /// The size of one element in bytes; nil if the type is not known.
    public var elementBytes: Int64? {
        switch elementType.lowercased() {
        case "byte", "char", "bool", "int8", "uint8", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
            "float8_e5m2fnuz":
            1
        case "half", "bfloat16", "short", "float16", "int16": 2
        case "float", "int", "float32", "int32": 4
        case "double", "long", "float64", "int64", "complexfloat": 8
        default: nil
        }
    }

    /// The size of the operation in bytes: that of this rank's input or output, whichever is larger. Nil if the sizes
    /// or the type are not known.
    public var bytes: Int64? {
        guard let elementBytes, let elements = [inputElements, outputElements].compactMap({ $0 }).max() else {
            return nil
        }
        let (product, overflow) = elements.multipliedReportingOverflow(by: elementBytes)
        return overflow || product < 0 ? nil : product
    }

    /// The number of bytes that the slowest link carries per byte of ``bytes``, as defined in PERFORMANCE.md of
    /// nccl-tests; nil if the group's size is not known.
    public var busFactor: Double? {
        guard let groupSize, groupSize > 0 else { return nil }
        let ranks = Double(groupSize)
        switch operation.lowercased().filter({ $0.isLetter }) {
        case "allreduce", "allreducecoalesced": return 2 * (ranks - 1) / ranks
        case "allgather", "allgatherbase", "allgatherintotensorcoalesced", "reducescatter", "reducescatterbase",
            "reducescattertensorcoalesced", "alltoall", "alltoallv", "alltoallbase":
            return (ranks - 1) / ranks
        default: return 1
        }
    }
}
