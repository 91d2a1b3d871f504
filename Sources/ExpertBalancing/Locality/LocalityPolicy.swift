/// The best placement of the ``LocalityFrontier`` that serves at most some part of the load remotely.
public struct LocalityPolicy: PlacementPolicy {
    /// The devices.
    public let world: DeviceWorld
    /// Groups that the experts form.
    public let groupCount: Int
    /// The part of the load that may leave its group's home node.
    public let maxRemoteShare: Double

    /// The policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, let maxRemoteShare = request.maxRemoteShare else { return nil }
        guard let groupCount = request.groupCount, request.maxCopies == nil, request.payback == nil else {
            throw BalancingError(
                "a limit on the remote share needs groups and takes no limit on copies: give groups alone")
        }
        world = request.world
        self.groupCount = groupCount
        self.maxRemoteShare = maxRemoteShare
    }

    /// The placement for workloads; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try LocalityFrontier(workloads[0], world: world, groupCount: groupCount)
            .placement(remoteShareAtMost: maxRemoteShare)
    }
}
