/// One placement for several workloads, such as prefill and decode, that are served in turn.
///
/// Each workload's layer counts as much as the others', whatever its number of tokens. The plan for their mean is improved
/// by swaps and by giving slots to other experts until neither helps the objective.
public struct JointPolicy: PlacementPolicy, Hashable {
    /// What is made as good as possible.
    public enum Objective: String, CaseIterable, Sendable {
        /// The longest time of the workload that does worst.
        case worst
        /// The mean over workloads of the longest time.
        case mean
    }

    /// The devices.
    public let world: DeviceWorld
    /// What is made as good as possible.
    public let objective: Objective

    /// A policy for `world`.
    public init(world: DeviceWorld, objective: Objective = .worst) {
        self.world = world
        self.objective = objective
    }

    /// The policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, request.workloads.count > 1 else { return nil }
        guard request.groupCount == nil, request.maxCopies == nil, request.payback == nil else {
            throw BalancingError("several workloads take no groups and no limit on copies: leave these out")
        }
        self.init(world: request.world, objective: request.objective)
    }

    /// The name that reports show.
    public var label: String { "joint, \(objective.rawValue)" }

    /// The placement for workloads; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try placement(for: workloads)
    }

    /// The placement for all of `workloads`.
    ///
    /// - Throws: ``BalancingError`` where slots are fewer than experts, ``ExpertLoadsError`` where there is no workload or
    ///   their shapes differ.
    /// - Complexity: O(layers × moves × workloads × slots × slots a device).
    public func placement(for workloads: [ExpertLoads]) throws -> Placement {
        let shape = try LoadStream(workloads)
        let experts = shape.expertCount
        let layers = shape.layerCount
        var scaled: [[Double]] = []
        var mean = [Double](repeating: 0, count: layers * experts)
        for workload in workloads {
            var values = workload.values
            for layer in 0..<layers {
                let total = workload.total(ofLayer: layer)
                for index in layer * experts..<(layer + 1) * experts {
                    values[index] = total > 0 ? values[index] / total : 0
                    mean[index] += values[index] / Double(workloads.count)
                }
            }
            scaled.append(values)
        }
        let start = try OptimalPolicy(world: world).plan(ExpertLoads(mean, expertCount: experts)).placement
        guard workloads.count > 1, world.deviceCount > 1 else { return start }
        var search = JointSearch(world: world, experts: experts, workloads: workloads.count, objective: objective)
        var result: [Int32] = []
        result.reserveCapacity(start.experts.count)
        for layer in 0..<layers {
            search.begin(start.experts(ofLayer: layer), scaled.map { $0[layer * experts..<(layer + 1) * experts] })
            search.improve()
            result += search.slots
        }
        return Placement(checkedExperts: result, expertCount: experts, deviceOffsets: start.deviceOffsets)
    }
}
