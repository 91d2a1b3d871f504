/// A range of the host in which a program sends to or receives from another rank.
package struct MessageRange: Hashable, Sendable {
    /// Whether the range sends.
    package var isSend: Bool
    /// The number that the range gives its own rank in the process group; nil if it gives none.
    package var own: Int?
    /// The number of the other rank in the process group; nil if the range gives none.
    package var peer: Int?

    /// Reads the name of a range: `nccl:send 0->1` or `nccl:recv 1<-0` of PyTorch, `ncclSend` or `ncclRecv` of NCCL,
    /// `c10d::send` or `c10d::recv_`. Nil for any other range.
    package init?(name: String) {
        let sends = ["nccl:send", "c10d::send", "ncclSend"].contains(where: name.hasPrefix)
        guard sends || ["nccl:recv", "c10d::recv", "ncclRecv"].contains(where: name.hasPrefix) else { return nil }
        isSend = sends
        let numbers = name.split(whereSeparator: { !$0.isNumber }).suffix(2).compactMap { Int($0) }
        guard numbers.count == 2, name.contains("->") || name.contains("<-") else { return }
        (own, peer) = (numbers[0], numbers[1])
    }
}
