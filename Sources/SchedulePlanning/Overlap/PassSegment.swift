/// A segment of a forward or of a backward: it either computes or starts an exchange. Times are nanoseconds.
public struct PassSegment: Hashable, Sendable {
    /// What the segment occupies for its ``cost``.
    public enum Resource: UInt8, Hashable, Sendable {
        /// The one host thread, or stream, that computes.
        case compute
        /// The one channel of the expert-parallel group, which serves exchanges in the order of their starts.
        case channel
    }

    /// What timelines call it, such as `dispatch`.
    public var name: String
    /// What it occupies.
    public var resource: Resource
    /// How long it does.
    public var cost: Int64
    /// How long the host is busy with starting it; 0 where it computes.
    public var startCost: Int64
    /// The earlier exchanges of its own sequence that it reads, by index; the host waits until they are over. What
    /// compute segments make is there in order.
    public var reads: [Int]

    /// A segment that computes for `cost` once the exchanges that it reads are over.
    public static func compute(_ name: String = "", cost: Int64, reads: [Int] = []) -> PassSegment {
        PassSegment(name: name, resource: .compute, cost: cost, startCost: 0, reads: reads)
    }

    /// A segment that starts an exchange of `cost` once the exchanges that it reads are over.
    public static func exchange(
        _ name: String = "", cost: Int64, startCost: Int64 = 0, reads: [Int] = []
    ) -> PassSegment {
        PassSegment(name: name, resource: .channel, cost: cost, startCost: startCost, reads: reads)
    }

    /// How long the host is busy with it.
    var hostCost: Int64 { resource == .compute ? cost : startCost }
}
