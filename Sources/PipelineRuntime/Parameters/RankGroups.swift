package import DistributedRuntime
import LibTorch
package import MoEModels
package import TrainingRecipes

/// The process groups that a rank belongs to. All ranks make them in one order.
package final class RankGroups {
    /// The rank's place in the pipeline.
    package let pipelineRank: Int
    /// The rank's share of the experts.
    package let share: ParameterSet.ExpertShare
    /// Everyone; nil in a world of one.
    package let world: ProcessGroup?
    /// Everyone, for what lies on the CPU, whatever the device; nil in a world of one.
    package let control: ProcessGroup?
    /// What carries values between the ranks of the rank's pipeline; nil where there is one.
    package let pipeline: (any PipelineTransport)?
    /// The ranks that share the rank's experts' tokens; nil where there is one.
    package let experts: ProcessGroup?
    /// All of them in the order in which they were made, with their ranks.
    private let made: [(ranks: [Int], group: ProcessGroup)]
    private let makeGroup: ProcessGroupFactory
    /// The ranks of the rank's pipeline; nil where there is one.
    private let stages: ProcessGroup?
    private let rank: Int
    private let grid: DeviceMesh
    private let place: DeviceMesh.Coordinate

    /// Meets all other ranks.
    ///
    /// - Parameters:
    ///   - copySets: The sets of pipeline ranks that hold parameters together.
    ///   - makeGroup: Makes the group of the given ranks, one of which is this one.
    package init(grid: DeviceMesh, rank: Int, copySets: [[Int]], makeGroup: ProcessGroupFactory) throws {
        let place = grid.coordinate(ofRank: rank)
        pipelineRank = place.pipeline
        share = ParameterSet.ExpertShare(index: place.expert, count: grid.experts)
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
        pipeline = stages.map { $0.hasTags ? $0 as any PipelineTransport : PipelineChannels(rank: place.pipeline) }
        experts = try group(grid.expertGroup(ofRank: rank))
        for copies in copySets where copies.contains(place.pipeline) {
            _ = try group(Self.reductionRanks(grid, place, copies: copies, areExperts: false))
            _ = try group(Self.reductionRanks(grid, place, copies: copies, areExperts: true))
        }
        self.made = made
        self.makeGroup = makeGroup
        self.rank = rank
        self.grid = grid
        self.place = place
    }

    /// The group that sums the gradients of parameters which the pipeline ranks `copies` hold.
    func reduction(copies: [Int], areExperts: Bool) -> ProcessGroup? {
        let ranks = reductionRanks(copies: copies, areExperts: areExperts)
        return made.first { $0.ranks == ranks }?.group
    }

    /// The ranks that sum the gradients of parameters which the pipeline ranks `copies` hold.
    func reductionRanks(copies: [Int], areExperts: Bool) -> [Int] {
        Self.reductionRanks(grid, place, copies: copies, areExperts: areExperts)
    }

    /// `count` gradients of parameters which the pipeline ranks `copies` hold, in memory that all who sum them see; nil where
    /// nobody else sums them or there is no such memory. All of them call it, in one order.
    func sharedGradients(
        copies: [Int], areExperts: Bool, count: Int, _ type: ElementType
    ) throws -> SharedMemoryTensors? {
        let group = makeGroup.sharesMemory ? reduction(copies: copies, areExperts: areExperts) : nil
        return try group.flatMap { try .rendezvous(in: $0, count: count, type) }
    }

    /// Another group of the ranks of ``experts``, for what is small and waited for soon: there it would queue behind tokens.
    /// What both of them start is one order.
    package func counts() throws -> ProcessGroup? { try experts.map { _ in try makeGroup.counts(expertRanks) } }

    /// The ranks of ``experts`` in memory that all of them see, with room for `slots` exchanges; nil where there is no such
    /// memory. All of them call it.
    package func sharedExperts(slots: Int) throws -> SharedMemoryGroup? {
        guard makeGroup.sharesMemory, slots > 0 else { return nil }
        return try experts.flatMap {
            try .rendezvous(
                in: $0, slots: slots, capacity: makeGroup.sharedExchangeBytes,
                timeoutMilliseconds: makeGroup.timeoutMilliseconds)
        }
    }

    /// The ranks of `experts`.
    package var expertRanks: [Int] { grid.expertGroup(ofRank: rank) }

    /// The ranks of `world`.
    package var worldRanks: [Int] { Array(0..<grid.worldSize) }

    /// Proves that all ranks would say `order` to each other without a contradiction, and opens the channels for it.
    package func check(_ order: CommunicationOrder) throws {
        for (ranks, group) in made { try order.checkCollectives(of: ranks, in: group) }
        guard let stages else { return }
        try order.checkLinks(of: stages)
        guard let channels = pipeline as? PipelineChannels else { return }
        let wanted = order.channels(of: pipelineRank)
        let needed = made.count + (experts == nil ? 0 : 1) + wanted.count
        guard needed <= NCCLGroup.mostGroups else {
            throw RecipeError(
                "parallelism.pipeline_parallel_schedule: pipeline rank \(pipelineRank) would need \(needed) groups and "
                    + "channels to others, but a device carries \(NCCLGroup.mostGroups): give a schedule in which fewer "
                    + "ranks exchange anything")
        }
        let ranks = grid.pipelineGroup(ofRank: rank)
        try channels.open(wanted) {
            try makeGroup.channel(from: ranks[$0.sender], to: ranks[$0.receiver], carriesGradients: $0.carriesGradients)
        }
    }

    private static func reductionRanks(
        _ grid: DeviceMesh, _ place: DeviceMesh.Coordinate, copies: [Int], areExperts: Bool
    ) -> [Int] {
        let experts = areExperts ? place.expert...place.expert : 0...grid.experts - 1
        return copies.flatMap { pipeline in
            experts.map { grid.rank(replica: place.replica, pipeline: pipeline, expert: $0) }
        }
    }
}
