/// A method that makes placements.
///
/// A new policy is a type of its own in `Policies/` and a line in ``PlacementRequest``'s list of policies. The line
/// comes before every policy that accepts requests with the same name. The command then offers the policy under its
/// name.
public protocol PlacementPolicy: Sendable {
    /// The policy's name in a request, as in `--policy NAME`; `optimal` for policies that refine the optimal policy.
    static var name: String { get }
    /// Creates the policy for `request`; nil if the request is for another policy.
    ///
    /// - Throws: ``BalancingError`` if the request is for this policy, but has options that the policy does not
    ///   support.
    init?(_ request: PlacementRequest) throws

    /// The policy's name in reports.
    var label: String { get }
    /// The devices.
    var world: DeviceWorld { get }
    /// The number of groups of the placements that the plan's bounds hold for. In these placements, each group stays on
    /// one node. Nil if the bounds hold for all placements.
    var boundGroupCount: Int? { get }
    /// Whether the placements that the plan's bounds hold for may hold an expert twice on a device.
    var allowsDuplicates: Bool { get }
    /// Whether the policy chooses among equal devices itself, so that the devices may not be relabelled afterwards.
    var assignsDevices: Bool { get }

    /// Returns the placement for one or several workloads.
    ///
    /// - Parameters:
    ///   - workloads: The loads, one table per workload: at least one, all of one shape.
    ///   - best: The best plan for each workload alone.
    func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement
    /// Returns the maps of a placement that this policy has made for the workloads. Only the order of an expert's
    /// replicas is the policy's choice.
    func maps(of placement: Placement, for workloads: [ExpertLoads]) throws -> ReplicaMaps
    /// Returns the placement with its certificates.
    ///
    /// - Parameters:
    ///   - workloads: The loads, one table per workload: at least one, all of one shape.
    ///   - effort: The time that the search for bounds may take.
    func plan(_ workloads: [ExpertLoads], effort: OptimalPolicy.Effort) throws -> CertifiedPlan
}

extension PlacementPolicy {
    /// The policy's name in a request.
    public static var name: String { OptimalPolicy.name }
    /// The policy's name in reports.
    public var label: String { Self.name }
    /// The number of groups of the placements that the bounds hold for; see ``PlacementPolicy``.
    public var boundGroupCount: Int? { nil }
    /// Whether the bounds hold for placements with duplicates; see ``PlacementPolicy``.
    public var allowsDuplicates: Bool { true }
    /// Whether relabelling is excluded; see ``PlacementPolicy``.
    public var assignsDevices: Bool { false }

    /// Returns the maps, with each expert's replicas by ascending slot; see ``PlacementPolicy``.
    public func maps(of placement: Placement, for workloads: [ExpertLoads]) throws -> ReplicaMaps {
        ReplicaMaps(placement)
    }

    /// Returns the placement with its certificates; see ``PlacementPolicy``.
    public func plan(_ workloads: [ExpertLoads], effort: OptimalPolicy.Effort) throws -> CertifiedPlan {
        let optimum = try OptimalPolicy(
            world: world, groupCount: boundGroupCount, effort: effort, allowsDuplicates: allowsDuplicates)
        let best = try workloads.map { try optimum.plan($0) }
        return CertifiedPlan(try placement(for: workloads, best: best), for: workloads, best: best, in: world)
    }
}
