/// The arrangement of the ranks of a training run: replicas × pipeline × experts.
///
/// The ranks with the same replica and pipeline coordinates form an expert-parallel group. The group is data-parallel
/// for all parameters except the routed experts.
public struct DeviceMesh: Hashable, Sendable {
    /// The number of replicas of the pipeline, D.
    public var replicas: Int
    /// The number of pipeline ranks, P.
    public var pipeline: Int
    /// The number of ranks of an expert-parallel group, E.
    public var experts: Int

    /// Creates a mesh of the given sizes.
    ///
    /// - Precondition: Every size is at least 1.
    public init(replicas: Int = 1, pipeline: Int, experts: Int) {
        precondition(replicas > 0 && pipeline > 0 && experts > 0, "the sizes of a mesh must be at least 1")
        self.replicas = replicas
        self.pipeline = pipeline
        self.experts = experts
    }

    /// The number of ranks.
    public var worldSize: Int { replicas * pipeline * experts }

    /// The coordinates of a rank in the mesh.
    public struct Coordinate: Hashable, Sendable {
        /// The replica, d.
        public let replica: Int
        /// The pipeline rank, p.
        public let pipeline: Int
        /// The index in the expert-parallel group, e.
        public let expert: Int
    }

    /// Returns the rank at (d, p, e): (d·P + p)·E + e.
    public func rank(replica: Int = 0, pipeline p: Int, expert: Int) -> Int {
        (replica * pipeline + p) * experts + expert
    }

    /// Returns the coordinates of a rank.
    ///
    /// - Precondition: `rank` is in 0 ..< ``worldSize``.
    public func coordinate(ofRank rank: Int) -> Coordinate {
        precondition((0..<worldSize).contains(rank), "rank \(rank) is not in a world of \(worldSize)")
        return Coordinate(
            replica: rank / (pipeline * experts), pipeline: rank / experts % pipeline, expert: rank % experts)
    }

    /// Returns the ranks of a rank's expert-parallel group, in the order of their index in the group.
    public func expertGroup(ofRank rank: Int) -> [Int] {
        let place = coordinate(ofRank: rank)
        return (0..<experts).map { self.rank(replica: place.replica, pipeline: place.pipeline, expert: $0) }
    }

    /// Returns the ranks of a rank's pipeline, in the order of their pipeline coordinate.
    public func pipelineGroup(ofRank rank: Int) -> [Int] {
        let place = coordinate(ofRank: rank)
        return (0..<pipeline).map { self.rank(replica: place.replica, pipeline: $0, expert: place.expert) }
    }
}
