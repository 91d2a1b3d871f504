/// A way to decide which expert lives where.
///
/// A new policy is a type of its own in `Policies/` and a line in ``PlacementRequest``'s list of policies, before every policy
/// that takes requests of its name; the command, the C interface and Python then offer it.
public protocol PlacementPolicy: Sendable {
    /// The name that a request asks for, as in `--policy NAME`; `optimal` for policies that refine the optimal one.
    static var name: String { get }
    /// The policy for `request`; nil if the request asks for another one.
    ///
    /// - Throws: ``BalancingError`` if the request asks for this policy and for what it cannot do.
    init?(_ request: PlacementRequest) throws

    /// The name that reports show.
    var label: String { get }
    /// The devices.
    var world: DeviceWorld { get }
    /// Groups whose experts stay together on a node in all placements that the plan's bounds hold for; nil for all placements.
    var boundGroupCount: Int? { get }
    /// Whether the policy decides which of several equal devices holds what, so that no relabelling may follow.
    var assignsDevices: Bool { get }

    /// The placement for one or several workloads.
    ///
    /// - Parameters:
    ///   - workloads: The loads, at least one table, all of one shape.
    ///   - best: The best plan for each workload alone.
    func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement
    /// The placement with its certificates.
    ///
    /// - Parameter effort: The time that the search for bounds may take.
    func plan(_ workloads: [ExpertLoads], effort: OptimalPolicy.Effort) throws -> CertifiedPlan
}

extension PlacementPolicy {
    /// The name that a request asks for.
    public static var name: String { OptimalPolicy.name }
    /// The name that reports show.
    public var label: String { Self.name }
    /// Groups that stay together in the placements that the bounds hold for; see ``PlacementPolicy``.
    public var boundGroupCount: Int? { nil }
    /// Whether no relabelling may follow; see ``PlacementPolicy``.
    public var assignsDevices: Bool { false }

    /// The placement with its certificates; see ``PlacementPolicy``.
    public func plan(_ workloads: [ExpertLoads], effort: OptimalPolicy.Effort) throws -> CertifiedPlan {
        let optimum = try OptimalPolicy(world: world, groupCount: boundGroupCount, effort: effort)
        let best = try workloads.map { try optimum.plan($0) }
        return CertifiedPlan(try placement(for: workloads, best: best), for: workloads, best: best, in: world)
    }
}
