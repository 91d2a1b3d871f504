/// A policy that changes the current placement by few copies; see ``BudgetedRebalancing``.
public struct BudgetedPolicy: PlacementPolicy {
    /// The placement to start from.
    public let current: Placement
    /// The rebalancing that changes the current placement.
    public let rebalancing: BudgetedRebalancing
    /// The number of groups of the placements that the bounds hold for; see ``PlacementPolicy``.
    public let boundGroupCount: Int?

    /// Creates the policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, request.maxCopies != nil || request.payback != nil else { return nil }
        guard let current = request.current else {
            throw BalancingError("a limit on copies needs a placement to start from: give the current placement")
        }
        guard request.groupCount == nil || request.world.nodeCount == 1 else {
            throw BalancingError(
                "a limit on copies moves experts between nodes: give no groups, or no limit on copies")
        }
        guard request.allowsDuplicates || current.duplicateCount == 0 else {
            throw BalancingError(
                "the current placement has \(current.duplicateCount.counted("duplicate")), which a limit on copies may "
                    + "keep: allow duplicates, or give no limit on copies")
        }
        guard current.deviceOffsets == request.world.deviceOffsets else {
            throw BalancingError(
                "the current placement has \(current.slotsPerDevice) slots per device, and the devices have "
                    + "\(request.world.slotsPerDevice): a limit on copies needs the same slots, so give no limit on copies"
            )
        }
        self.current = current
        rebalancing = BudgetedRebalancing(
            world: request.world, maxCopies: min(request.maxCopies ?? .max, current.experts.count),
            noise: request.noise, payback: request.payback)
        boundGroupCount = request.groupCount
        allowsDuplicates = request.allowsDuplicates
    }

    /// The devices.
    public var world: DeviceWorld { rebalancing.world }
    /// Whether the bounds hold for placements with duplicates; see ``PlacementPolicy``.
    public let allowsDuplicates: Bool
    /// Whether relabelling is excluded; see ``PlacementPolicy``.
    public var assignsDevices: Bool { true }

    /// Returns the placement for the first workload; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        let fresh = best[0].placement.relabelled(closestTo: current, in: world)
        return try rebalancing.rebalance(current, for: workloads[0], fresh: fresh)
    }
}
