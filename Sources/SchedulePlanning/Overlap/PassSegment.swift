/// A segment of a forward or of a backward, which either computes or starts an exchange. Times are in nanoseconds.
public struct PassSegment: Hashable, Sendable {
    /// The resource that a segment occupies for its ``cost``.
    public enum Resource: UInt8, Hashable, Sendable {
        /// The host thread, or the stream, that computes.
        case compute
        /// The channel of the expert-parallel group, which serves exchanges in the order of their starts.
        case channel
    }

    /// The name of the segment in timelines, such as `dispatch`.
    public var name: String
    /// The resource that the segment occupies.
    public var resource: Resource
    /// The time for which the segment occupies its resource.
    public var cost: Int64
    /// The time for which the start of the exchange occupies the host; 0 for a compute segment.
    public var startCost: Int64
    /// The earlier exchanges of the same sequence that the segment reads, by index. The host waits for them. Results of
    /// earlier compute segments need no entry, because segments run in order.
    public var reads: [Int]
    /// Whether the segment has nothing to do in this pass, as the exchange of counts in a backward.
    public var isEmpty = false

    /// Returns the segment that computes for `cost` after the exchanges that it reads.
    public static func compute(_ name: String = "", cost: Int64, reads: [Int] = []) -> PassSegment {
        PassSegment(name: name, resource: .compute, cost: cost, startCost: 0, reads: reads)
    }

    /// Returns the segment that starts an exchange of `cost` after the exchanges that it reads.
    public static func exchange(
        _ name: String = "", cost: Int64, startCost: Int64 = 0, reads: [Int] = []
    ) -> PassSegment {
        PassSegment(name: name, resource: .channel, cost: cost, startCost: startCost, reads: reads)
    }

    /// Returns a segment that has nothing to do in its pass.
    public static func empty(_ name: String = "") -> PassSegment {
        var segment = compute(name, cost: 0)
        segment.isEmpty = true
        return segment
    }

    /// The time for which the segment occupies the host.
    var hostCost: Int64 { resource == .compute ? cost : startCost }
}
