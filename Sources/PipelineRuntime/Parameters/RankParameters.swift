import ExpertBalancing
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
    /// The parameters of routed experts of which ranks of the group hold replicas, in the order of their names.
    let replicated: [ReplicatedParameter]
    /// The parameters of routed experts whose replicas micro-batches fetch, in the order of their names.
    let fetched: [FetchedParameter]
    /// The parameters of routed experts, with their buckets and positions in these, in the order of their names.
    let ofExperts: [(specification: ParameterSpecification, bucket: ParameterBucket, position: Int)]
    private let groups: RankGroups

    /// Creates the parameters of the given stages with their starting values.
    ///
    /// - Parameter layout: The slots of experts; nil if each rank of an expert-parallel group holds its share of
    ///   consecutive experts.
    package init(
        map: StageMap, stages: [Int], groups: RankGroups, seed: UInt64, type: ElementType, layout: ExpertLayout? = nil
    ) throws {
        self.groups = groups
        var set = ParameterSet(share: groups.share, layout: layout)
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
                    seed: seed, experts: set.experts(of: specification), type: specification.type(inModelOf: type))
                untrained.append((specification.name, map.copies(of: specification.name), tensor))
                set.add(specification.name, tensor)
            }
        }
        var ofExperts: [(specification: ParameterSpecification, bucket: ParameterBucket, position: Int)] = []
        var replicated: [ReplicatedParameter] = []
        var fetched: [FetchedParameter] = []
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
                    to: specification.startingValues(
                        seed: seed, experts: set.experts(of: specification), type: bucket.masters.type))
            }
            try bucket.round()
            for parameter in try bucket.parameters() { set.add(parameter.name, parameter.tensor) }
            let views = zip(try bucket.views(of: bucket.values), try bucket.views(of: bucket.gradients))
            for (position, (specification, view)) in zip(decaying + others, views).enumerated()
            where specification.expertCount != nil {
                ofExperts.append((specification, bucket, position))
                guard let layout else { continue }
                let (name, layer) = (specification.name, specification.expertLayer)
                if layout.layers[layer].hasReplicaSlots {
                    replicated.append(
                        try ReplicatedParameter(
                            name, layer: layer, layout: layout, rank: groups.share.index, values: view.0.tensor,
                            gradients: view.1.tensor))
                }
                if layout.fetchesReplicas {
                    fetched.append(
                        FetchedParameter(
                            name: name, layer: layer, layout: layout, rank: groups.share.index,
                            gradients: view.1.tensor, sums: set.fetchedGradients))
                }
            }
            return bucket
        }
        for parameter in replicated {
            if let leaf = parameter.leaf { set.addReplicas(parameter.name, leaf) }
        }
        self.replicated = replicated.sorted { $0.name < $1.name }
        self.fetched = fetched.sorted { $0.name < $1.name }
        self.ofExperts = ofExperts.sorted { $0.specification.name < $1.specification.name }
        self.set = set
        self.untrained = untrained
    }

    /// Sets all gradients to zero.
    package func clearGradients() throws {
        for bucket in buckets { try bucket.gradients.setToZero() }
        for parameter in replicated { try parameter.replicaGradients.setToZero() }
        set.fetchedGradients.clear()
        set.layout?.clearFetches()
    }

    /// Whether replicas return gradients to the owners of experts after the row.
    var returnsGradients: Bool { !replicated.isEmpty || !fetched.isEmpty }

    /// Returns the experts that this rank owns of a parameter of routed experts, in the order of its first dimension.
    package func ownedExperts(of name: String) -> [Int] {
        ofExperts.first { $0.specification.name == name }.map { set.experts(of: $0.specification) } ?? []
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
