/// How long a value takes from rank to rank: latency and bandwidth, inside a node and between nodes.
public struct LinkCosts: Hashable, Sendable {
    /// One class of links.
    public struct Link: Hashable, Sendable {
        /// Nanoseconds before the first byte arrives.
        public var latency: Int64
        /// Bytes a second, 10⁹ for 1 GB/s.
        public var bytesPerSecond: Double

        /// A link of the given latency, in nanoseconds, and bandwidth, in bytes a second.
        ///
        /// - Precondition: The latency is not negative and the bandwidth is positive.
        public init(latency: Int64, bytesPerSecond: Double) {
            precondition(latency >= 0 && bytesPerSecond > 0, "a link has a latency and a bandwidth")
            self.latency = latency
            self.bytesPerSecond = bytesPerSecond
        }
    }

    /// Links between ranks of one node.
    public var withinNode: Link
    /// Links between ranks of different nodes.
    public var betweenNodes: Link
    /// How many consecutive ranks of the pipeline share a node.
    public var ranksPerNode: Int
    /// How many bytes a stage passes to the next for one micro-batch.
    public var bytes: Int64

    /// Links of the given classes, over which `bytes` pass.
    ///
    /// - Precondition: A node has at least one rank, and `bytes` is not negative.
    public init(withinNode: Link, betweenNodes: Link, ranksPerNode: Int, bytes: Int64) {
        precondition(ranksPerNode > 0 && bytes >= 0, "a node has at least one rank")
        self.withinNode = withinNode
        self.betweenNodes = betweenNodes
        self.ranksPerNode = ranksPerNode
        self.bytes = bytes
    }

    /// From the end of a compute on `source` to the start of the one that needs it on `target`, in nanoseconds.
    public func transfer(from source: Int, to target: Int) -> Int64 {
        time(source / ranksPerNode == target / ranksPerNode ? withinNode : betweenNodes)
    }

    /// The longer of both classes' times, in nanoseconds.
    package var longest: Int64 { max(time(withinNode), time(betweenNodes)) }

    private func time(_ link: Link) -> Int64 {
        link.latency + Int64((Double(bytes) / link.bytesPerSecond * 1e9).rounded())
    }
}
