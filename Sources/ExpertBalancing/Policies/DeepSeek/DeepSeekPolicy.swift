/// DeepSeek's expert-parallel load balancer (EPLB), with identical results.
///
/// The policy packs groups of experts onto nodes, replicates the heaviest experts within each node, and packs the
/// replicas onto the node's devices. Each packing takes the items from the heaviest to the lightest, and puts each onto
/// the least loaded node or device that is not full. If the nodes do not divide the groups, all experts are one group
/// on one node. Arithmetic is in Float32 and in the original's order, so that the maps are identical for loads without
/// ties. Ties go to the lowest index.
///
/// Follows [deepseek-ai/EPLB](https://github.com/deepseek-ai/EPLB).
public struct DeepSeekPolicy: PlacementPolicy, Hashable {
    /// The policy's name in a request.
    public static let name = "deepseek"

    /// The devices.
    public let world: DeviceWorld
    /// The number of slots per layer, over all devices.
    public let slotCount: Int
    /// The number of groups that the experts form.
    public let groupCount: Int
    /// The number of nodes. Each node has the same number of devices.
    public let nodeCount: Int
    /// The number of devices.
    public let deviceCount: Int

    /// Creates a policy for equal devices.
    ///
    /// - Throws: ``BalancingError`` if a number is below 1, if the devices do not divide the slots, or if the nodes
    ///   divide the groups but not the devices.
    public init(slotCount: Int, groupCount: Int, nodeCount: Int, deviceCount: Int) throws(BalancingError) {
        guard deviceCount > 0, slotCount > 0, slotCount.isMultiple(of: deviceCount) else {
            throw BalancingError(
                "\(slotCount.counted("replica")) cannot be divided equally among \(deviceCount.counted("device")): give a "
                    + "multiple of the devices")
        }
        guard groupCount > 0, nodeCount > 0 else {
            throw BalancingError(
                "\(groupCount.counted("group")) on \(nodeCount.counted("node")): give at least 1 group and 1 node")
        }
        if groupCount.isMultiple(of: nodeCount), !deviceCount.isMultiple(of: nodeCount) {
            throw BalancingError(
                "\(deviceCount.counted("device")) cannot be divided equally among \(nodeCount.counted("node")): give a "
                    + "multiple of the nodes, or a number of groups that is no multiple of the nodes")
        }
        world = try DeviceWorld(
            slotCount: slotCount, deviceCount: deviceCount,
            nodeCount: groupCount.isMultiple(of: nodeCount) ? nodeCount : 1)
        self.slotCount = slotCount
        self.groupCount = groupCount
        self.nodeCount = nodeCount
        self.deviceCount = deviceCount
    }

    /// Creates the policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name else { return nil }
        let world = request.world
        try self.init(
            slotCount: world.slotCount, groupCount: request.groupCount ?? 1,
            nodeCount: request.groupCount == nil ? 1 : world.nodeCount, deviceCount: world.deviceCount)
        guard world.isUniform, request.workloads.count == 1, request.deviceSlots == nil, request.maxCopies == nil,
            request.payback == nil, request.maxRemoteShare == nil, request.allowsDuplicates
        else {
            throw BalancingError(
                "DeepSeek's policy supports one workload on equal devices, without limits on copies, slots, remote load or "
                    + "duplicates: leave the rest out, or give another policy")
        }
    }

    /// The number of groups of the placements that the bounds hold for; see ``PlacementPolicy``.
    public var boundGroupCount: Int? { isHierarchical && groupCount > 1 ? groupCount : nil }
    /// Whether relabelling is excluded; see ``PlacementPolicy``.
    public var assignsDevices: Bool { true }

    /// Returns the placement for the first workload; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try plan(workloads[0]).placement(deviceCount: deviceCount)
    }

    /// Returns the maps, with each expert's replicas in the order in which DeepSeek's algorithm creates them; see
    /// ``PlacementPolicy``.
    public func maps(of placement: Placement, for workloads: [ExpertLoads]) throws -> ReplicaMaps {
        try plan(workloads[0]).reordered(like: placement)
    }

    /// Whether each group's experts stay on one node.
    public var isHierarchical: Bool { groupCount.isMultiple(of: nodeCount) }

    /// Returns the maps for `loads`.
    ///
    /// - Throws: ``BalancingError`` if there are fewer slots than experts, or if the groups do not divide the experts.
    /// - Complexity: O(layers × slots × log slots). All layers share one allocation of scratch memory.
    public func plan(_ loads: ExpertLoads) throws(BalancingError) -> ReplicaMaps {
        let experts = loads.expertCount
        guard slotCount >= experts else {
            throw BalancingError(
                "\(slotCount.counted("replica")) cannot hold \(experts.counted("expert")): give at least one per expert"
            )
        }
        if isHierarchical, !experts.isMultiple(of: groupCount) {
            throw BalancingError(
                "\(experts.counted("expert")) cannot be divided into \(groupCount.counted("group")) of equal size: give a "
                    + "divisor of the experts")
        }
        let layers = loads.layerCount
        let planner = DeepSeekLayerPlanner(
            experts: experts, slots: slotCount, groups: isHierarchical ? groupCount : 1,
            nodes: isHierarchical ? nodeCount : 1, devices: deviceCount)
        var slots: [Int32] = []
        var ranks: [Int32] = []
        var counts: [Int32] = []
        slots.reserveCapacity(layers * slotCount)
        ranks.reserveCapacity(layers * slotCount)
        counts.reserveCapacity(layers * experts)
        loads.values.withUnsafeBufferPointer { values in
            for layer in 0..<layers {
                planner.plan(UnsafeBufferPointer(rebasing: values[layer * experts..<(layer + 1) * experts]))
                slots += planner.slotExperts.elements
                ranks += planner.slotRanks.elements
                counts += planner.replicaCounts.elements
            }
        }
        return ReplicaMaps(
            layerCount: layers, expertCount: experts, physicalToLogical: slots, ranks: ranks, replicaCounts: counts)
    }
}
