/// What a trace says of one collective: sizes, group and type, as PyTorch writes them beside a NCCL kernel.
public struct Collective: Hashable, Sendable {
    /// The operation, such as `allreduce`.
    public var operation = ""
    /// Elements that this rank puts in; nil where the trace has none.
    public var inputElements: Int64?
    /// Elements that this rank gets out.
    public var outputElements: Int64?
    /// How many ranks take part.
    public var groupSize: Int?
    /// The element type, as PyTorch spells it.
    public var elementType = ""
    /// The process group's name.
    public var group = ""
    /// The group's description, such as `default_pg`.
    public var groupDescription = ""
    /// The group's ranks, as the trace spells them.
    public var groupRanks = ""

    /// The rank at the other end of a message; nil for what several take part in, or where the trace does not say.
    public var peer: Int?

    /// Whether the operation sends to one other rank.
    var isSend: Bool { operation.lowercased().contains("send") && !isReceive }
    /// Whether it receives from one.
    var isReceive: Bool { operation.lowercased().contains("recv") || operation.lowercased().contains("receive") }

    /// Bytes of one element; nil where the type is not known.
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

    /// Bytes that the operation is about: what the largest side of one rank holds.
    public var bytes: Int64? {
        guard let elementBytes, let elements = [inputElements, outputElements].compactMap({ $0 }).max() else {
            return nil
        }
        let (product, overflow) = elements.multipliedReportingOverflow(by: elementBytes)
        return overflow || product < 0 ? nil : product
    }

    /// Bytes over the slowest link for each byte of ``bytes``, after NCCL's tests (their PERFORMANCE.md); nil where the
    /// group's size is not known.
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
