package import DistributedRuntime
import LibTorch
package import MoEModels
package import TrainingRecipes

/// The process groups that a rank belongs to. All ranks create them in the same order.
package final class RankGroups {
    /// The rank's position in the pipeline.
    package let pipelineRank: Int
    /// The rank's share of the routed experts.
    package let share: ParameterSet.ExpertShare
    /// The group of all ranks; nil in a world of one rank.
    package let world: ProcessGroup?
    /// The group of all ranks for tensors on the CPU, even if ranks compute on CUDA; nil in a world of one rank.
    package let control: ProcessGroup?
    /// The transport between the ranks of the rank's pipeline; nil for a pipeline of one rank.
    package let pipeline: (any PipelineTransport)?
    /// The rank's expert-parallel group; nil if it has one rank.
    package let experts: ProcessGroup?
    /// All groups in the order of their creation, with their ranks.
    private let made: [(ranks: [Int], group: ProcessGroup)]
    private let makeGroup: ProcessGroupFactory
    /// The group of the rank's pipeline; nil if the pipeline has one rank.
    private let stages: ProcessGroup?
    private let rank: Int
    private let grid: DeviceMesh
    private let coordinate: DeviceMesh.Coordinate

    /// Creates the groups, together with all other ranks.
    ///
    /// - Parameters:
    ///   - copySets: The sets of pipeline ranks that hold parameters together.
    ///   - makeGroup: Creates the group of the given ranks, which include this rank.
    package init(grid: DeviceMesh, rank: Int, copySets: [[Int]], makeGroup: ProcessGroupFactory) throws {
        let coordinate = grid.coordinate(ofRank: rank)
        pipelineRank = coordinate.pipeline
        share = ParameterSet.ExpertShare(index: coordinate.expert, count: grid.experts)
        var made: [(ranks: [Int], group: ProcessGroup)] = []
        func group(_ ranks: [Int]) throws -> ProcessGroup? {
            guard ranks.count > 1, ranks.contains(rank) else { return nil }
            if let known = made.first(where: { $0.ranks == ranks }) { return known.group }
            let group = try makeGroup(ranks)
            made.append((ranks, group))
            return group
        }
        world = try group(Array(0..<grid.worldSize))
        control = try world is NCCLGroup ? makeGroup.control(Array(0..<grid.worldSize)) : world
        stages = try group(grid.pipelineGroup(ofRank: rank))
        pipeline = stages.map { $0.hasTags ? $0 as any PipelineTransport : PipelineChannels(rank: coordinate.pipeline) }
        experts = try group(grid.expertGroup(ofRank: rank))
        for copies in copySets where copies.contains(coordinate.pipeline) {
            _ = try group(Self.reductionRanks(grid, coordinate, copies: copies, areExperts: false))
            _ = try group(Self.reductionRanks(grid, coordinate, copies: copies, areExperts: true))
        }
        self.made = made
        self.makeGroup = makeGroup
        self.rank = rank
        self.grid = grid
        self.coordinate = coordinate
    }

    /// Returns the group that sums the gradients of parameters on the pipeline ranks `copies`; nil if it has one rank.
    func reduction(copies: [Int], areExperts: Bool) -> ProcessGroup? {
        let ranks = reductionRanks(copies: copies, areExperts: areExperts)
        return made.first { $0.ranks == ranks }?.group
    }

    /// Returns the ranks that sum the gradients of parameters on the pipeline ranks `copies`.
    func reductionRanks(copies: [Int], areExperts: Bool) -> [Int] {
        Self.reductionRanks(grid, coordinate, copies: copies, areExperts: areExperts)
    }

    /// Returns memory for `count` gradients of parameters on the pipeline ranks `copies`. All ranks that sum these
    /// gradients share the memory, and all of them must call the method in the same order.
    ///
    /// - Returns: nil if no other rank sums the gradients, or if the ranks cannot share memory.
    func sharedGradients(
        copies: [Int], areExperts: Bool, count: Int, _ type: ElementType
    ) throws -> SharedMemoryTensors? {
        let group = makeGroup.sharesMemory ? reduction(copies: copies, areExperts: areExperts) : nil
        return try group.flatMap { try .rendezvous(in: $0, count: count, type) }
    }

    /// Returns the group of the ranks of ``experts`` that exchanges tokens. NCCL queues the operations of a group, so that
    /// tokens have a group of their own there; on the CPU, the group is ``experts``.
    package func tokens() throws -> ProcessGroup? {
        try experts.map { $0 is NCCLGroup ? try makeGroup.tokens(expertRanks) : $0 }
    }

    /// Creates a second group of the ranks of ``experts`` for counts. Counts are small and waited for soon, and would
    /// queue behind tokens in ``experts``. The operations of both groups have one common order.
    package func counts() throws -> ProcessGroup? { try experts.map { _ in try makeGroup.counts(expertRanks) } }

    /// Returns a group of the ranks of ``experts`` over shared memory, with room for `slots` exchanges; nil if there is
    /// no such memory. All of these ranks must call it.
    package func sharedExperts(slots: Int) throws -> SharedMemoryGroup? {
        guard makeGroup.sharesMemory, slots > 0 else { return nil }
        return try experts.flatMap {
            try .rendezvous(
                in: $0, slots: slots, capacity: makeGroup.sharedExchangeBytes,
                timeoutMilliseconds: makeGroup.timeoutMilliseconds)
        }
    }

    /// The ranks of the expert-parallel group.
    package var expertRanks: [Int] { grid.expertGroup(ofRank: rank) }

    /// All ranks.
    package var worldRanks: [Int] { Array(0..<grid.worldSize) }

    /// Checks that the `order` of every rank matches that of all others, and opens the channels that `order` needs.
    ///
    /// - Throws: `CommunicationOrderError` if the orders of two ranks do not match, and `RecipeError` if the device
    ///   cannot carry as many groups and channels as the rank needs.
    package func check(_ order: CommunicationOrder) throws {
        for (ranks, group) in made { try order.checkCollectives(of: ranks, in: group) }
        guard let stages else { return }
        try order.checkLinks(of: stages)
        guard let channels = pipeline as? PipelineChannels else { return }
        let wanted = order.channels(of: pipelineRank)
        let needed = made.count + wanted.count + RankStreams.ordinaryCount
        guard needed <= NCCLGroup.mostGroups else {
            throw RecipeError(
                "parallelism.pipeline_parallel_schedule: pipeline rank \(pipelineRank) needs \(needed) groups, "
                    + "channels and streams, but a device supports at most \(NCCLGroup.mostGroups): give a schedule in which the "
                    + "rank exchanges values with fewer ranks")
        }
        let ranks = grid.pipelineGroup(ofRank: rank)
        try channels.open(wanted) {
            try makeGroup.channel(from: ranks[$0.sender], to: ranks[$0.receiver], carriesGradients: $0.carriesGradients)
        }
    }

    private static func reductionRanks(
        _ grid: DeviceMesh, _ coordinate: DeviceMesh.Coordinate, copies: [Int], areExperts: Bool
    ) -> [Int] {
        let experts = areExperts ? coordinate.expert...coordinate.expert : 0...grid.experts - 1
        return copies.flatMap { pipeline in
            experts.map { grid.rank(replica: coordinate.replica, pipeline: pipeline, expert: $0) }
        }
    }
}
