/// A policy whose placements are close to the best possible, with a proved bound on the distance.
///
/// The policy starts from DeepSeek's placement if all devices are equal, so that no layer is worse than DeepSeek's.
/// Otherwise it gives replicas to the experts with the largest shares and packs the replicas, the heaviest first. It
/// then improves the device with the longest time by swaps, by rotations of three replicas, and by giving slots to other
/// experts, until the time reaches the lower bound or no change helps. If every device has two slots and the same
/// speed, only the numbers of replicas matter, and a covering program finds them and the bound. Layers with few
/// placements are searched exhaustively. With groups, assignments of groups to nodes are examined in the order of their
/// bounds. Replicas share their expert's load equally.
public struct OptimalPolicy: PlacementPolicy, Hashable {
    /// The policy's name in a request.
    public static let name = "optimal"

    /// The time that a plan may take.
    public enum Effort: String, CaseIterable, Sendable {
        /// A few milliseconds per model, for frequent planning.
        case quick
        /// Longer if every device has two slots and the same speed, if there are few slots, or if groups stay on nodes;
        /// otherwise the same as `quick`. The result is better, and bounds are tighter. Up to 10⁶ placements of a layer
        /// are searched exhaustively, instead of 10⁴.
        case thorough
    }

    /// The devices.
    public let world: DeviceWorld
    /// The time that a plan may take.
    public private(set) var effort: Effort
    /// The number of groups of experts, each of which stays on one node; nil if any expert may be on any node.
    public let groupCount: Int?

    /// Whether a device may hold an expert twice, if this is better than every placement without duplicates that the
    /// policy finds.
    public let allowsDuplicates: Bool

    /// Creates a policy for `world`.
    ///
    /// - Throws: ``BalancingError`` if the nodes do not divide the groups.
    public init(
        world: DeviceWorld, groupCount: Int? = nil, effort: Effort = .quick, allowsDuplicates: Bool = true
    ) throws(BalancingError) {
        if let groupCount, groupCount < 1 || !groupCount.isMultiple(of: world.nodeCount) {
            throw BalancingError(
                "\(groupCount.counted("group")) cannot be divided equally among \(world.nodeCount.counted("node")): give a "
                    + "multiple of the nodes, or leave groups out")
        }
        self.world = world
        self.groupCount = groupCount
        self.effort = effort
        self.allowsDuplicates = allowsDuplicates
    }

    /// Creates the policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name else { return nil }
        try self.init(
            world: request.world, groupCount: request.groupCount, effort: request.effort,
            allowsDuplicates: request.allowsDuplicates)
    }

    /// The number of groups of the placements that the bounds hold for; see ``PlacementPolicy``.
    public var boundGroupCount: Int? { groupCount }

    /// Returns the placement for the first workload; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) -> Placement { best[0].placement }

    /// Returns the certificates of the layers of any policy's placement.
    ///
    /// - Parameters:
    ///   - placement: The placement.
    ///   - loads: The loads.
    ///   - plan: This policy's plan for the same loads, which provides the bounds; nil to make the plan.
    /// - Throws: ``BalancingError`` if there are fewer slots than experts, or if the groups do not divide the experts.
    /// - Precondition: The placement has the layers and experts of the loads and the devices of the world.
    /// - Complexity: O(layers × slots) with a plan, else the complexity of ``plan(_:)``.
    public func certify(
        _ placement: Placement, for loads: ExpertLoads, plan: CertifiedPlan? = nil
    ) throws(BalancingError) -> [LayerCertificate] {
        precondition(placement.deviceOffsets == world.deviceOffsets, "the placement has the devices of the world")
        let bounds = if let plan { plan.certificates } else { try self.plan(loads).certificates }
        precondition(bounds.count == loads.layerCount, "the plan and the loads have the same layers")
        return placement.certificates(for: loads, bounds: bounds, in: world)
    }

    /// Returns the placement for `loads` and its certificates.
    ///
    /// - Throws: ``BalancingError`` if there are fewer slots than experts, or if the groups do not divide the experts.
    /// - Complexity: O(layers × slots × log slots), with a bounded number of exchanges per device.
    public func plan(_ loads: ExpertLoads) throws(BalancingError) -> CertifiedPlan {
        let experts = loads.expertCount
        let nodes = groupCount == nil ? 1 : world.nodeCount
        guard experts.isMultiple(of: groupCount ?? 1) else {
            throw BalancingError(
                "\(experts.counted("expert")) cannot be divided into \((groupCount ?? 1).counted("group")) of equal size: give a "
                    + "divisor of the experts")
        }
        let devicesPerNode = world.deviceCount / nodes
        let offsets = world.deviceOffsets
        for node in 0..<nodes {
            let slots = offsets[(node + 1) * devicesPerNode] - offsets[node * devicesPerNode]
            guard slots >= experts / nodes else {
                throw BalancingError(
                    "\(slots.counted("slot"))\(nodes > 1 ? " of node \(node)" : "") cannot hold "
                        + "\((experts / nodes).counted("expert")): give at least one per expert")
            }
        }
        var planner = OptimalPlanner(policy: self, experts: experts)
        // The search of a tighter bound may end at a worse placement, so a quick plan is compared with it.
        var quick: CertifiedPlan?
        if effort == .thorough, planner.dependsOnEffort {
            var policy = self
            policy.effort = .quick
            quick = try policy.plan(loads)
        }
        var certificates: [LayerCertificate] = []
        var slots: [Int32] = []
        certificates.reserveCapacity(loads.layerCount)
        slots.reserveCapacity(loads.layerCount * world.slotCount)
        loads.values.withUnsafeBufferPointer { values in
            for layer in 0..<loads.layerCount {
                let plan = planner.plan(UnsafeBufferPointer(rebasing: values[layer * experts..<(layer + 1) * experts]))
                let other = quick?.certificates[layer]
                if let quick, let other, other.longestTime < plan.longestTime {
                    slots += quick.placement.experts(ofLayer: layer)
                } else {
                    slots += planner.slots.elements
                }
                certificates.append(
                    LayerCertificate(
                        meanTime: plan.meanTime, longestTime: min(plan.longestTime, other?.longestTime ?? .infinity),
                        lowerBound: max(plan.lowerBound, other?.lowerBound ?? 0)))
            }
        }
        let plan = CertifiedPlan(
            placement: Placement(checkedExperts: slots, expertCount: experts, deviceOffsets: offsets),
            certificates: certificates)
        if let quick, nodes > 1 { return improvedAtHome(plan, for: loads, near: quick) }
        return plan
    }
}
