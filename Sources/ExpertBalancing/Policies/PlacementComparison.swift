/// A comparison of a placement with the placement that it replaces, and the copies between them.
public struct PlacementComparison: Sendable {
    /// The name of the policy that made the placement.
    public let policy: String
    /// The placement with its certificates.
    public let plan: CertifiedPlan
    /// The maps of the placement, with the policy's order of each expert's replicas.
    public let maps: ReplicaMaps
    /// The name of the baseline.
    public let baselineName: String
    /// The baseline: the current placement; without one, a placement with one slot per expert in order. Nil if the
    /// latter does not exist, because there are several workloads, the devices have different numbers of slots, or the
    /// devices do not divide the experts.
    public let baseline: CertifiedPlan?
    /// The copies from the current placement; nil without a current placement.
    public let migration: MigrationPlan?
    /// The fraction of the first workload's load that is served remotely; nil without groups or with one node.
    public let remoteShare: Double?

    /// Makes the placement for `request` and its baseline.
    ///
    /// - Throws: ``BalancingError`` or ``ExpertLoadsError`` if the parts of the request do not match.
    public init(_ request: PlacementRequest) throws {
        let policy = try request.policy()
        self.policy = policy.label
        plan = try request.plan()
        maps = try policy.maps(of: plan.placement, for: request.workloads)
        if let current = request.current {
            baselineName = "current"
            baseline = CertifiedPlan(
                current, for: Array(request.workloads.prefix(1)), best: Array(plan.best.prefix(1)),
                in: try DeviceWorld(
                    slotsPerDevice: current.slotsPerDevice, speeds: request.world.speeds,
                    nodeCount: request.world.nodeCount))
            migration = MigrationPlan(from: current, to: plan.placement)
        } else {
            baselineName = "no replicas"
            baseline = try Self.withoutReplicas(request)
            migration = nil
        }
        remoteShare = try Self.remoteShare(plan.placement, request)
    }

    private static func withoutReplicas(_ request: PlacementRequest) throws -> CertifiedPlan? {
        let world = request.world
        guard request.workloads.count == 1, let loads = request.workloads.first,
            loads.expertCount.isMultiple(of: world.deviceCount), Set(world.slotsPerDevice).count == 1
        else { return nil }
        let placement = try Placement(
            layers: [[Int32]](repeating: (0..<Int32(loads.expertCount)).map { $0 }, count: loads.layerCount),
            expertCount: loads.expertCount, deviceCount: world.deviceCount)
        let plain = try DeviceWorld(
            slotsPerDevice: [Int](repeating: loads.expertCount / world.deviceCount, count: world.deviceCount),
            speeds: world.speeds)
        return CertifiedPlan(
            placement: placement, certificates: try OptimalPolicy(world: plain).certify(placement, for: loads))
    }

    private static func remoteShare(_ placement: Placement, _ request: PlacementRequest) throws -> Double? {
        let nodes = request.world.nodeCount
        guard let groups = request.groupCount, nodes > 1, groups.isMultiple(of: nodes), request.deviceSlots == nil
        else { return nil }
        return try placement.remoteShare(request.workloads[0], groupCount: groups, nodeCount: nodes)
    }
}
