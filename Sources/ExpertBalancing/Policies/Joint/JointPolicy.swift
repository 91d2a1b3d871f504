/// A policy that makes one placement for several workloads that run in turn, such as prefill and decode.
///
/// Every workload has the same weight in each layer, independent of its number of tokens. The policy starts from the
/// plan for the workloads' mean. It swaps experts and gives slots to other experts as long as this improves the
/// objective.
public struct JointPolicy: PlacementPolicy, Hashable {
    /// The quantity that the policy minimizes.
    public enum Objective: String, CaseIterable, Sendable {
        /// The largest of the workloads' longest times, each relative to the workload's load.
        case worst
        /// The mean of the workloads' longest times, each relative to the workload's load.
        case mean
    }

    /// The devices.
    public let world: DeviceWorld
    /// The quantity that the policy minimizes.
    public let objective: Objective
    /// Whether a device may hold an expert twice, if the plan for the workloads' mean needs it.
    public let allowsDuplicates: Bool

    /// Creates a policy for `world`.
    public init(world: DeviceWorld, objective: Objective = .worst, allowsDuplicates: Bool = true) {
        self.world = world
        self.objective = objective
        self.allowsDuplicates = allowsDuplicates
    }

    /// Creates the policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, request.workloads.count > 1 else { return nil }
        guard request.groupCount == nil, request.maxRemoteShare == nil, request.maxCopies == nil,
            request.payback == nil
        else {
            throw BalancingError(
                "groups and limits on the remote share or on copies are not supported for several workloads: leave them out"
            )
        }
        self.init(
            world: request.world, objective: request.objective, allowsDuplicates: request.allowsDuplicates)
    }

    /// The policy's name in reports.
    public var label: String { "joint, \(objective.rawValue)" }

    /// Returns the placement for workloads; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try placement(for: workloads, alternatives: best.map(\.placement))
    }

    /// Returns the placement for all of `workloads`. If an alternative is better, the search continues from there.
    ///
    /// - Throws: ``BalancingError`` if there are fewer slots than experts; ``ExpertLoadsError`` if there is no workload
    ///   or the workloads differ in shape.
    /// - Complexity: O(layers × moves × workloads × slots × slots per device).
    public func placement(
        for workloads: [ExpertLoads], alternatives: [Placement] = []
    ) throws -> Placement {
        let shape = try LoadStream(workloads)
        if workloads.count == 1 {
            return try OptimalPolicy(world: world, allowsDuplicates: allowsDuplicates).plan(workloads[0]).placement
        }
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
        let start = try OptimalPolicy(world: world, allowsDuplicates: allowsDuplicates).plan(
            ExpertLoads(mean, expertCount: experts)
        ).placement
        guard world.deviceCount > 1 else { return start }
        var search = JointSearch(world: world, experts: experts, workloads: workloads.count, objective: objective)
        var result: [Int32] = []
        result.reserveCapacity(start.experts.count)
        for layer in 0..<layers {
            let loads = scaled.map { $0[layer * experts..<(layer + 1) * experts] }
            search.begin(start.experts(ofLayer: layer), loads)
            search.improve()
            var best = (slots: search.slots, value: search.value)
            for alternative in alternatives {
                search.begin(alternative.experts(ofLayer: layer), loads)
                guard search.value < best.value * (1 - 1e-9) else { continue }
                search.improve()
                best = (search.slots, search.value)
            }
            result += best.slots
        }
        return Placement(checkedExperts: result, expertCount: experts, deviceOffsets: start.deviceOffsets)
    }
}
