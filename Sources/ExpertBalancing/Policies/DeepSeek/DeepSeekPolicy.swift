/// DeepSeek's expert-parallel load balancer, to the bit.
///
/// Groups of experts are packed onto nodes, the heaviest experts are replicated within each node, and the replicas are
/// packed onto the node's devices, each time the heaviest first onto the least loaded that is not full. Where the nodes
/// do not divide the groups, all experts are one group on one node. Arithmetic is Float32 in the original's order, so
/// that the maps are identical wherever there are no ties; ties go to the lowest index.
///
/// Follows [deepseek-ai/EPLB](https://github.com/deepseek-ai/EPLB).
public struct DeepSeekPolicy: PlacementPolicy, Hashable {
    /// The name that a request asks for.
    public static let name = "deepseek"

    /// The devices.
    public let world: DeviceWorld
    /// Slots of a layer, over all devices.
    public let slotCount: Int
    /// Groups that the experts form.
    public let groupCount: Int
    /// Nodes, each with as many devices.
    public let nodeCount: Int
    /// Devices.
    public let deviceCount: Int

    /// A policy for the given world.
    ///
    /// - Throws: ``BalancingError`` where the devices do not divide the slots or the nodes do not divide the devices.
    public init(slotCount: Int, groupCount: Int, nodeCount: Int, deviceCount: Int) throws(BalancingError) {
        guard deviceCount > 0, slotCount > 0, slotCount.isMultiple(of: deviceCount) else {
            throw BalancingError(
                "\(slotCount) replicas do not divide into \(deviceCount) devices: give a multiple of the devices")
        }
        guard groupCount > 0, nodeCount > 0 else {
            throw BalancingError("\(groupCount) groups on \(nodeCount) nodes: give at least 1 of both")
        }
        if groupCount.isMultiple(of: nodeCount), !deviceCount.isMultiple(of: nodeCount) {
            throw BalancingError(
                "\(deviceCount) devices do not divide into \(nodeCount) nodes: give a multiple, or groups that the nodes do not divide"
            )
        }
        world = try DeviceWorld(
            slotCount: slotCount, deviceCount: deviceCount,
            nodeCount: groupCount.isMultiple(of: nodeCount) ? nodeCount : 1)
        self.slotCount = slotCount
        self.groupCount = groupCount
        self.nodeCount = nodeCount
        self.deviceCount = deviceCount
    }

    /// The policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name else { return nil }
        let world = request.world
        try self.init(
            slotCount: world.slotCount, groupCount: request.groupCount ?? 1,
            nodeCount: request.groupCount == nil ? 1 : world.nodeCount, deviceCount: world.deviceCount)
        guard world.isUniform, request.workloads.count == 1, request.deviceSlots == nil, request.maxCopies == nil,
            request.payback == nil, request.maxRemoteShare == nil
        else {
            throw BalancingError(
                "DeepSeek's policy takes one workload on equal devices, without limits on copies, slots or remote load: "
                    + "give these alone, or another policy")
        }
    }

    /// Groups that stay together in the placements that the bounds hold for; see ``PlacementPolicy``.
    public var boundGroupCount: Int? { isHierarchical && groupCount > 1 ? groupCount : nil }
    /// Whether no relabelling may follow; see ``PlacementPolicy``.
    public var assignsDevices: Bool { true }

    /// The placement for workloads; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try plan(workloads[0]).placement(deviceCount: deviceCount)
    }

    /// Whether each group's experts stay on one node.
    public var isHierarchical: Bool { groupCount.isMultiple(of: nodeCount) }

    /// The maps for `loads`.
    ///
    /// - Throws: ``BalancingError`` where there are fewer slots than experts or the groups do not divide the experts.
    /// - Complexity: O(layers × slots × log slots); one allocation of scratch for all layers.
    public func plan(_ loads: ExpertLoads) throws(BalancingError) -> ReplicaMaps {
        let experts = loads.expertCount
        guard slotCount >= experts else {
            throw BalancingError("\(slotCount) replicas are too few for \(experts) experts: give at least one each")
        }
        if isHierarchical, !experts.isMultiple(of: groupCount) {
            throw BalancingError("\(experts) experts do not divide into \(groupCount) groups: give a divisor")
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
