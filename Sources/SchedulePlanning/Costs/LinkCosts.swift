/// The latency and bandwidth of transfers between ranks, within a node and between nodes.
public struct LinkCosts: Hashable, Sendable {
    /// One class of links.
    public struct Link: Hashable, Sendable {
        /// The time until the first byte arrives, in nanoseconds.
        public var latency: Int64
        /// The bandwidth in bytes per second; 10⁹ is 1 GB/s.
        public var bytesPerSecond: Double

        /// A link of the given latency, in nanoseconds, and bandwidth, in bytes per second.
        ///
        /// - Precondition: The latency is not negative and the bandwidth is positive.
        public init(latency: Int64, bytesPerSecond: Double) {
            precondition(latency >= 0, "the latency must not be negative")
            precondition(bytesPerSecond > 0, "the bandwidth must be positive")
            self.latency = latency
            self.bytesPerSecond = bytesPerSecond
        }
    }

    /// Links between ranks of one node.
    public var withinNode: Link
    /// Links between ranks of different nodes.
    public var betweenNodes: Link
    /// The number of consecutive pipeline ranks that share a node.
    public var ranksPerNode: Int
    /// The number of bytes that a stage sends to the next one per micro-batch.
    public var bytes: Int64

    /// Links of the given classes, for messages of `bytes` bytes.
    ///
    /// - Precondition: A node has at least one rank, and `bytes` is not negative.
    public init(withinNode: Link, betweenNodes: Link, ranksPerNode: Int, bytes: Int64) {
        precondition(ranksPerNode > 0, "a node must have at least one rank")
        precondition(bytes >= 0, "the number of bytes must not be negative")
        self.withinNode = withinNode
        self.betweenNodes = betweenNodes
        self.ranksPerNode = ranksPerNode
        self.bytes = bytes
    }

    /// Returns the time from the end of an action on `source` to the earliest start of an action on `target` that needs
    /// its result, in nanoseconds.
    public func transfer(from source: Int, to target: Int) -> Int64 {
        time(source / ranksPerNode == target / ranksPerNode ? withinNode : betweenNodes)
    }

    /// The longer of the transfer times of both classes, in nanoseconds.
    package var longest: Int64 { max(time(withinNode), time(betweenNodes)) }

    private func time(_ link: Link) -> Int64 {
        link.latency + Int64((Double(bytes) / link.bytesPerSecond * 1e9).rounded())
    }
}
