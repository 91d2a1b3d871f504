/// The current placement, changed by few copies; see ``BudgetedRebalancing``.
public struct BudgetedPolicy: PlacementPolicy {
    /// The placement to start from.
    public let current: Placement
    /// The change of it.
    public let rebalancing: BudgetedRebalancing
    public let boundGroupCount: Int?

    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, request.maxCopies != nil || request.payback != nil else { return nil }
        guard let current = request.current else {
            throw BalancingError("a limit on copies needs a placement to start from: give the current one")
        }
        self.current = current
        rebalancing = BudgetedRebalancing(
            world: request.world, maxCopies: min(request.maxCopies ?? .max, current.experts.count),
            noise: request.noise, payback: request.payback)
        boundGroupCount = request.groupCount
    }

    public var world: DeviceWorld { rebalancing.world }
    public var assignsDevices: Bool { true }

    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try rebalancing.rebalance(current, for: workloads[0])
    }
}
