/// A policy that takes the best placement of the ``LocalityFrontier`` with a limited remote share.
public struct LocalityPolicy: PlacementPolicy {
    /// The devices.
    public let world: DeviceWorld
    /// The number of groups that the experts form.
    public let groupCount: Int
    /// The fraction of the load that may be served outside the home node of its group.
    public let maxRemoteShare: Double
    /// Whether a device may hold an expert twice; see ``OptimalPolicy/allowsDuplicates``.
    public let allowsDuplicates: Bool

    /// Creates the policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, let maxRemoteShare = request.maxRemoteShare else { return nil }
        guard let groupCount = request.groupCount, request.maxCopies == nil, request.payback == nil else {
            throw BalancingError(
                "a limit on the remote share needs groups and does not go with a limit on copies: give groups, and no "
                    + "limit on copies")
        }
        world = request.world
        self.groupCount = groupCount
        self.maxRemoteShare = maxRemoteShare
        allowsDuplicates = request.allowsDuplicates
    }

    /// Returns the placement for the first workload; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try LocalityFrontier(
            workloads[0], world: world, groupCount: groupCount, allowsDuplicates: allowsDuplicates
        )
        .placement(remoteShareAtMost: maxRemoteShare)
    }
}
