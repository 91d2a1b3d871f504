/// A wait for other ranks: the operation, and the ranks of the group or one of them.
package struct RankWait: Sendable {
    /// The operation that is waited for.
    package enum Operation: UInt8, Sendable, CaseIterable {
        case send = 1
        case receive, allReduce, broadcast, allGather, allToAll, barrier, connection
        /// Writing to a reader outside the run, who may pause it for any time.
        case output

        /// The operation in messages.
        var text: String {
            switch self {
            case .send: "send"
            case .receive: "receive"
            case .allReduce: "all-reduce"
            case .broadcast: "broadcast"
            case .allGather: "all-gather"
            case .allToAll: "all-to-all"
            case .barrier: "barrier"
            case .connection: "connection"
            case .output: "output"
            }
        }
    }

    /// The operation in the low 8 bits, one more than the index of the awaited member in the next 24, the group in the
    /// high 32. Never zero.
    let bits: UInt64

    /// - Parameters:
    ///   - group: The group of ``BeatPage/addGroup(_:)``.
    ///   - member: The index of the awaited rank in the group; nil for all others.
    package init(_ operation: Operation, group: UInt32 = 0, member: Int? = nil) {
        bits =
            UInt64(operation.rawValue) | (UInt64(truncatingIfNeeded: (member ?? -1) + 1) & 0xFF_FFFF) << 8
            | UInt64(group) << 32
    }

    init?(bits: UInt64) {
        guard bits != 0 else { return nil }
        self.bits = bits
    }

    var operation: Operation? { Operation(rawValue: UInt8(truncatingIfNeeded: bits)) }
    var member: Int? {
        let number = Int((bits >> 8) & 0xFF_FFFF)
        return number == 0 ? nil : number - 1
    }
    var group: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
}
