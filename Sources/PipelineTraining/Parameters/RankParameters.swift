package import LibTorch
package import MoEModels
import Timelines

/// All parameters of a rank, in buckets, with the groups that sum their gradients.
package final class RankParameters {
    /// The parameters by name, as the stages' graphs use them.
    package let set: ParameterSet
    /// The trained ones.
    package let buckets: [ParameterBucket]
    /// The others, such as the gate's biases.
    package let untrained: [(name: String, holders: [Int], tensor: Tensor)]
    private let groups: RankGroups

    /// Makes the parameters of the given stages with their first values.
    package init(
        map: StageMap, stages: [Int], groups: RankGroups, seed: UInt64, type: ElementType
    ) throws {
        self.groups = groups
        let share = groups.share
        var set = ParameterSet(share: share)
        var untrained: [(name: String, holders: [Int], tensor: Tensor)] = []
        var members: [ParameterBucket.Key: [ParameterSpecification]] = [:]
        for specification in map.specifications(ofStages: stages) {
            if specification.isTrained {
                let key = ParameterBucket.Key(
                    holders: map.holders(of: specification.name), areExperts: specification.expertCount != nil,
                    decays: specification.decays)
                members[key, default: []].append(specification)
            } else {
                let tensor = try specification.startingValues(seed: seed, share: share, type: type)
                untrained.append((specification.name, map.holders(of: specification.name), tensor))
                set.add(specification.name, tensor)
            }
        }
        buckets = try members.keys.sorted().map { key in
            // One order on every holder, whichever of its stages named a parameter first.
            let specifications = (members[key] ?? []).sorted { $0.name < $1.name }
            let bucket = try ParameterBucket(
                key: key, entries: specifications.map { ($0.name, set.localShape($0)) }, type: type)
            for (specification, view) in zip(specifications, try bucket.views(of: bucket.masters)) {
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

    /// Makes all gradients zero.
    package func clearGradients() throws {
        for bucket in buckets { try bucket.gradients.setToZero() }
    }

    /// Sums the gradients of everyone who holds the same parameters.
    func reduceGradients(recorder: SpanRecorder) throws {
        let extent = recorder.key(.reductions, TimelineLabel(name: "gradients", activity: .communication))
        let wait = recorder.key(.reductionWaits, TimelineLabel(name: "gradients", activity: .wait))
        let start = recorder.now()
        let works = try buckets.compactMap { bucket in
            try groups.reduction(holders: bucket.key.holders, areExperts: bucket.key.areExperts)?
                .allReduce(bucket.gradients)
        }
        for work in works {
            try recorder.recording(wait) { try work.wait() }
            recorder.record(extent, start..<max(work.end ?? recorder.now(), start))
        }
    }

    /// Adds what ``reduceGradients()`` says to `order`.
    func appendReductions(to order: inout CommunicationOrder) {
        for bucket in buckets {
            let ranks = groups.reductionRanks(holders: bucket.key.holders, areExperts: bucket.key.areExperts)
            order.append("sum of \(bucket.gradients.elementCount) gradients", ranks: ranks)
        }
    }

    /// This rank's part of the sum of squares of all gradients, each logical parameter counted by one of its holders.
    package func squaredNormShare() throws -> Double {
        try buckets.reduce(0) { sum, bucket in
            isAnsweredFor(bucket) ? sum + (try bucket.gradients.squaredNorm()) : sum
        }
    }

    /// Whether this rank is the one of its holders that speaks for a bucket's parameters.
    func isAnsweredFor(_ bucket: ParameterBucket) -> Bool {
        isAnsweredFor(holders: bucket.key.holders, areExperts: bucket.key.areExperts)
    }

    /// Whether this rank is the one that speaks for parameters of the pipeline ranks `holders`; routed experts are other
    /// ones on each rank of an expert-parallel group.
    func isAnsweredFor(holders: [Int], areExperts: Bool) -> Bool {
        holders.first == groups.pipelineRank && (areExperts || groups.share.index == 0)
    }
}
