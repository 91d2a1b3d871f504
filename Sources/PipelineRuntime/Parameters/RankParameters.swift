package import LibTorch
package import MoEModels
import Timelines

/// All parameters of a rank; the trained ones are in buckets.
package final class RankParameters {
    /// The parameters by name, as the stages' graphs use them.
    package let set: ParameterSet
    /// The trained parameters.
    package let buckets: [ParameterBucket]
    /// The parameters without gradients, such as the biases of gates, with the pipeline ranks that hold them.
    package let untrained: [(name: String, copies: [Int], tensor: Tensor)]
    private let groups: RankGroups

    /// Creates the parameters of the given stages with their starting values.
    package init(map: StageMap, stages: [Int], groups: RankGroups, seed: UInt64, type: ElementType) throws {
        self.groups = groups
        let share = groups.share
        var set = ParameterSet(share: share)
        var untrained: [(name: String, copies: [Int], tensor: Tensor)] = []
        var members: [ParameterBucket.Key: [ParameterSpecification]] = [:]
        for specification in map.specifications(ofStages: stages) {
            if specification.isTrained {
                let key = ParameterBucket.Key(
                    copies: map.copies(of: specification.name), areExperts: specification.expertCount != nil,
                    stages: map.modelStages(of: specification.name))
                members[key, default: []].append(specification)
            } else {
                let tensor = try specification.startingValues(
                    seed: seed, share: share, type: specification.type(inModelOf: type))
                untrained.append((specification.name, map.copies(of: specification.name), tensor))
                set.add(specification.name, tensor)
            }
        }
        buckets = try members.keys.sorted().map { key in
            // Sorted by name, so that every rank has the same order, even if its stages name them in another.
            let specifications = (members[key] ?? []).sorted { $0.name < $1.name }
            let (decaying, others) = (specifications.filter(\.decays), specifications.filter { !$0.decays })
            let bucket = try ParameterBucket(
                key: key, decaying: decaying.map { ($0.name, set.localShape($0)) },
                others: others.map { ($0.name, set.localShape($0)) }, type: type
            ) { try groups.sharedGradients(copies: key.copies, areExperts: key.areExperts, count: $0, $1) }
            for (specification, view) in zip(decaying + others, try bucket.views(of: bucket.masters)) {
                try view.tensor.set(
                    to: specification.startingValues(seed: seed, share: share, type: bucket.masters.type))
            }
            try bucket.round()
            for parameter in try bucket.parameters() { set.add(parameter.name, parameter.tensor) }
            return bucket
        }
        self.set = set
        self.untrained = untrained
    }

    /// Sets all gradients to zero.
    package func clearGradients() throws {
        for bucket in buckets { try bucket.gradients.setToZero() }
    }

    /// Returns whether this rank owns a bucket: of all ranks that hold the same parameters, the owner counts them in
    /// the gradient norm and saves them.
    package func owns(_ bucket: ParameterBucket) -> Bool {
        owns(copies: bucket.key.copies, areExperts: bucket.key.areExperts)
    }

    /// Returns whether this rank owns parameters of the pipeline ranks `copies`. The first of these ranks does. Every
    /// rank of an expert-parallel group owns its own routed experts, and the first rank owns all other parameters.
    package func owns(copies: [Int], areExperts: Bool) -> Bool {
        copies.first == groups.pipelineRank && (areExperts || groups.share.index == 0)
    }
}
