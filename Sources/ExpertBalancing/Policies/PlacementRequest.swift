import Algorithms

/// A request for a placement: the loads, the devices and the constraints.
public struct PlacementRequest: Sendable {
    /// All policies. The first policy that accepts a request makes the placement.
    static let policies: [any PlacementPolicy.Type] = [
        DeepSeekPolicy.self, RedundancyPolicy.self, JointPolicy.self, LocalityPolicy.self, BudgetedPolicy.self,
        OptimalPolicy.self,
    ]

    /// The allowed values of ``policyName``.
    public static var policyNames: [String] { Array(policies.reversed().map { $0.name }.uniqued()) }

    /// The loads, one table per workload, all of one shape.
    public var workloads: [ExpertLoads]
    /// The devices.
    public var world: DeviceWorld
    /// The name of the policy, one of ``policyNames``.
    public var policyName = OptimalPolicy.name
    /// The number of groups of experts, each of which stays on one node; nil if any expert may be on any node.
    public var groupCount: Int?
    /// The fraction of the load that may be served outside the home node of its group; nil if every group stays on one
    /// node.
    public var maxRemoteShare: Double?
    /// Whether a device may hold an expert twice, if this is better than every placement without duplicates that the
    /// policy finds.
    public var allowsDuplicates = true
    /// The objective for several workloads.
    public var objective = JointPolicy.Objective.worst
    /// The slots per device over all layers; nil if every layer has the slots of ``world``.
    public var deviceSlots: Int?
    /// The placement to start from, on the same number of devices; nil for a new placement. Without a limit on copies,
    /// the devices may have other numbers of slots in it, as before a failure.
    public var current: Placement?
    /// The number of copies that may be made from ``current``, over all layers; nil for no limit.
    public var maxCopies: Int?
    /// The rule that decides whether a copy from ``current`` is worth its time; nil if every copy is.
    public var payback: PaybackRule?
    /// The rule that decides whether a layer's loads have changed; nil if every difference counts.
    public var noise: NoiseRule? = NoiseRule()
    /// The time that the search for bounds may take.
    public var effort = OptimalPolicy.Effort.thorough

    /// Creates a request for the best placement without further constraints.
    public init(_ workloads: [ExpertLoads], world: DeviceWorld) {
        self.workloads = workloads
        self.world = world
    }

    /// Returns the policy for the request.
    ///
    /// - Throws: ``BalancingError`` if no policy has the name, or the policy does not support the request.
    public func policy() throws -> any PlacementPolicy {
        for type in Self.policies {
            if let policy = try type.init(self) { return policy }
        }
        throw BalancingError("there is no policy '\(policyName)': give \(Self.policyNames.joined(separator: " or "))")
    }

    /// Returns the placement with its certificates. Without a limit on copies, equal devices are relabelled so that as
    /// few experts as possible are copied from ``current``. An expert that stays on its device keeps its slot.
    ///
    /// - Throws: ``BalancingError`` or ``ExpertLoadsError`` if the parts of the request do not match.
    public func plan() throws -> CertifiedPlan {
        _ = try LoadStream(workloads)
        let policy = try policy()
        let plan = try policy.plan(workloads, effort: effort)
        guard let current else { return plan }
        guard current.layerCount == plan.placement.layerCount, current.expertCount == plan.placement.expertCount,
            current.deviceCount == world.deviceCount
        else {
            throw BalancingError(
                "the current placement has \(current.layerCount.counted("layer")) of "
                    + "\(current.expertCount.counted("expert")) on \(current.deviceCount.counted("device")), but the loads "
                    + "have \(plan.placement.layerCount.counted("layer")) of "
                    + "\(plan.placement.expertCount.counted("expert")) for \(world.deviceCount.counted("device")): give a "
                    + "placement of these loads and devices")
        }
        let placement =
            policy.assignsDevices
            ? plan.placement.keepingSlots(of: current)
            : plan.placement.relabelled(closestTo: current, in: world, keepsNodes: groupCount != nil)
                .keepingLayersWithoutLoad(of: current, for: workloads)
        return CertifiedPlan(placement, for: workloads, best: plan.best, in: world)
    }
}
