/// How the ranks of a training run are arranged: replicas × pipeline × experts.
///
/// The ranks that share a replica and a pipeline coordinate form an expert-parallel group, which is data-parallel for
/// everything but the routed experts.
public struct DeviceMesh: Hashable, Sendable {
    /// Copies of the whole layout, D.
    public var replicas: Int
    /// Ranks of the pipeline, P.
    public var pipeline: Int
    /// Ranks of an expert-parallel group, E.
    public var experts: Int

    /// A grid of the given sizes.
    ///
    /// - Precondition: Every size is at least 1.
    public init(replicas: Int = 1, pipeline: Int, experts: Int) {
        precondition(replicas > 0 && pipeline > 0 && experts > 0, "a grid's sizes are at least 1")
        self.replicas = replicas
        self.pipeline = pipeline
        self.experts = experts
    }

    /// How many ranks there are.
    public var worldSize: Int { replicas * pipeline * experts }

    /// Where a rank stands in the grid.
    public struct Coordinate: Hashable, Sendable {
        /// The replica, d.
        public let replica: Int
        /// The pipeline rank, p.
        public let pipeline: Int
        /// The place in the expert-parallel group, e.
        public let expert: Int
    }

    /// The rank at (d, p, e): (d·P + p)·E + e.
    public func rank(replica: Int = 0, pipeline p: Int, expert: Int) -> Int {
        (replica * pipeline + p) * experts + expert
    }

    /// Where `rank` stands.
    ///
    /// - Precondition: `rank` is in 0 ..< `worldSize`.
    public func coordinate(ofRank rank: Int) -> Coordinate {
        precondition((0..<worldSize).contains(rank), "rank \(rank) is not in a world of \(worldSize)")
        return Coordinate(
            replica: rank / (pipeline * experts), pipeline: rank / experts % pipeline, expert: rank % experts)
    }

    /// The ranks of a rank's expert-parallel group, in the order of their place in it.
    public func expertGroup(ofRank rank: Int) -> [Int] {
        let place = coordinate(ofRank: rank)
        return (0..<experts).map { self.rank(replica: place.replica, pipeline: place.pipeline, expert: $0) }
    }

    /// The ranks of a rank's pipeline, in the order of the stages.
    public func pipelineGroup(ofRank rank: Int) -> [Int] {
        let place = coordinate(ofRank: rank)
        return (0..<pipeline).map { self.rank(replica: place.replica, pipeline: $0, expert: place.expert) }
    }
}
