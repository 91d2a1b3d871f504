import Algorithms

/// The loads and devices that a placement is for, and what else it has to respect.
public struct PlacementRequest: Sendable {
    /// All policies; the first that takes a request makes its placement.
    static let policies: [any PlacementPolicy.Type] = [
        DeepSeekPolicy.self, RedundancyPolicy.self, JointPolicy.self, LocalityPolicy.self, BudgetedPolicy.self,
        OptimalPolicy.self,
    ]

    /// The names that ``policyName`` may have.
    public static var policyNames: [String] { Array(policies.reversed().map { $0.name }.uniqued()) }

    /// The loads, a table per workload, all of one shape.
    public var workloads: [ExpertLoads]
    /// The devices.
    public var world: DeviceWorld
    /// The policy, one of ``policyNames``.
    public var policyName = OptimalPolicy.name
    /// Groups of experts, each to stay on one node; nil lets any expert live anywhere.
    public var groupCount: Int?
    /// The part of the load that may leave its group's home node; nil for none.
    public var maxRemoteShare: Double?
    /// The objective for several workloads.
    public var objective = JointPolicy.Objective.worst
    /// Slots per device for all layers together, instead of the same slots in each layer.
    public var deviceSlots: Int?
    /// The placement to start from.
    public var current: Placement?
    /// Copies that may be made from ``current``, over all layers; nil for as many as the best placement needs.
    public var maxCopies: Int?
    /// When a copy from ``current`` is worth its time.
    public var payback: PaybackRule?
    /// When a layer counts as changed; nil if every difference counts.
    public var noise: NoiseRule? = NoiseRule()
    /// The time that the search for bounds may take.
    public var effort = OptimalPolicy.Effort.thorough

    /// A request for the placement closest to the best.
    public init(_ workloads: [ExpertLoads], world: DeviceWorld) {
        self.workloads = workloads
        self.world = world
    }

    /// The policy that makes the placement.
    ///
    /// - Throws: ``BalancingError`` if no policy has the name, or the policy cannot do what is asked.
    public func policy() throws -> any PlacementPolicy {
        for type in Self.policies {
            if let policy = try type.init(self) { return policy }
        }
        throw BalancingError("there is no policy '\(policyName)': give \(Self.policyNames.joined(separator: " or "))")
    }

    /// The placement, certified; without a budget of copies, equal devices are labelled so that the fewest copies lead there.
    ///
    /// - Throws: ``BalancingError`` or ``ExpertLoadsError`` if the request's parts do not go together.
    public func plan() throws -> CertifiedPlan {
        _ = try LoadStream(workloads)
        let policy = try policy()
        let plan = try policy.plan(workloads, effort: effort)
        guard let current, !policy.assignsDevices else { return plan }
        let placement = plan.placement.relabelled(closestTo: current, in: world, keepsNodes: groupCount != nil)
        return CertifiedPlan(placement, for: workloads, best: plan.best, in: world)
    }
}
