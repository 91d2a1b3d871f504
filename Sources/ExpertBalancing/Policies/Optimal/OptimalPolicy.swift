/// Placements close to the best possible, with a proof of how close.
///
/// Replicas go where they lower the largest share, are packed the heaviest first, and are then exchanged between the
/// most loaded device and others, in pairs, in rotations of three and by giving a slot to another expert, until the
/// lower bound is reached or nothing helps. Where every device has two slots, counts alone decide, and they are searched
/// and bounded as a covering program. No device holds an expert twice, unless one has more slots than there are
/// experts. An expert's load counts as shared equally by its replicas.
public struct OptimalPolicy: PlacementPolicy, Hashable {
    /// The name that a request asks for.
    public static let name = "optimal"

    /// How much time a plan may take.
    public enum Effort: String, CaseIterable, Sendable {
        /// A few milliseconds for a model, as for planning all the time.
        case quick
        /// About ten times as long where devices have two slots each: slightly better counts and, mainly, tighter bounds.
        case thorough
    }

    /// The devices.
    public let world: DeviceWorld
    /// How much time a plan may take.
    public let effort: Effort
    /// Groups that the experts form, each to stay on one node; nil lets any expert stand anywhere.
    public let groupCount: Int?

    /// A policy for `world`.
    ///
    /// - Throws: ``BalancingError`` where the nodes do not divide the groups.
    public init(world: DeviceWorld, groupCount: Int? = nil, effort: Effort = .quick) throws(BalancingError) {
        if let groupCount, groupCount < 1 || !groupCount.isMultiple(of: world.nodeCount) {
            throw BalancingError(
                "\(groupCount) groups do not divide onto \(world.nodeCount) nodes: give a multiple, or leave groups out"
            )
        }
        self.world = world
        self.groupCount = groupCount
        self.effort = effort
    }

    /// The policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name else { return nil }
        try self.init(world: request.world, groupCount: request.groupCount, effort: request.effort)
    }

    /// Groups that stay together in the placements that the bounds hold for; see ``PlacementPolicy``.
    public var boundGroupCount: Int? { groupCount }

    /// The placement for workloads; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) -> Placement { best[0].placement }

    /// What is proved about the layers of any policy's placement.
    ///
    /// - Parameter plan: This policy's plan for the same loads, where there is one: its bounds are taken from it, else found
    ///   by planning.
    /// - Throws: ``BalancingError`` where slots are fewer than experts, or groups do not divide the experts.
    /// - Precondition: The placement has the loads' layers and experts and the world's devices.
    /// - Complexity: O(layers × slots), without a plan as much as planning.
    public func certify(
        _ placement: Placement, for loads: ExpertLoads, plan: CertifiedPlan? = nil
    ) throws(BalancingError) -> [LayerCertificate] {
        precondition(placement.deviceOffsets == world.deviceOffsets, "the placement is on the world's devices")
        let bounds = if let plan { plan.certificates } else { try self.plan(loads).certificates }
        precondition(bounds.count == loads.layerCount, "the plan is for the same loads")
        return placement.certificates(for: loads, bounds: bounds, in: world)
    }

    /// The placement for `loads` and its certificates.
    ///
    /// - Throws: ``BalancingError`` where slots are fewer than experts, or groups do not divide the experts.
    /// - Complexity: O(layers × slots × log slots) for a bounded number of exchanges a device.
    public func plan(_ loads: ExpertLoads) throws(BalancingError) -> CertifiedPlan {
        let experts = loads.expertCount
        let nodes = groupCount == nil ? 1 : world.nodeCount
        let groups = groupCount ?? 1
        guard experts.isMultiple(of: groups) else {
            throw BalancingError("\(experts) experts do not divide into \(groups) groups: give a divisor")
        }
        let devicesPerNode = world.deviceCount / nodes
        let offsets = world.deviceOffsets
        for node in 0..<nodes {
            let slots = offsets[(node + 1) * devicesPerNode] - offsets[node * devicesPerNode]
            guard slots >= experts / nodes else {
                throw BalancingError(
                    "\(slots) slots\(nodes > 1 ? " of node \(node)" : "") are too few for \(experts / nodes) experts: "
                        + "give at least one each")
            }
        }
        var planner = OptimalPlanner(world: world, experts: experts, groups: groups, nodes: nodes, effort: effort)
        var certificates: [LayerCertificate] = []
        var slots: [Int32] = []
        certificates.reserveCapacity(loads.layerCount)
        slots.reserveCapacity(loads.layerCount * world.slotCount)
        loads.values.withUnsafeBufferPointer { values in
            for layer in 0..<loads.layerCount {
                let layerLoads = UnsafeBufferPointer(rebasing: values[layer * experts..<(layer + 1) * experts])
                certificates.append(planner.plan(layerLoads))
                slots += planner.slots.elements
            }
        }
        return CertifiedPlan(
            placement: Placement(checkedExperts: slots, expertCount: experts, deviceOffsets: offsets),
            certificates: certificates)
    }
}
