import Algorithms

/// A policy that divides one budget of slots per device among the layers, so that layers that gain more get more
/// replicas.
///
/// Layers run one after another, so the policy minimizes the sum of their longest times. A layer has the same number of
/// slots on every device. Given the times of each layer's plans, dynamic programming over layers and slots finds the
/// best numbers exactly. In the placement, devices have as many slots as the largest layer needs; smaller layers leave
/// slots empty.
public struct RedundancyPolicy: PlacementPolicy {
    /// The devices. The policy ignores their numbers of slots, gives every device the same number, and chooses it per
    /// layer.
    public let world: DeviceWorld
    /// The slots per device, over all layers.
    public let deviceSlots: Int
    /// The number of groups of experts, each of which stays on one node; nil if any expert may be on any node.
    public let groupCount: Int?
    /// Whether a device may hold an expert twice; see ``OptimalPolicy/allowsDuplicates``.
    public let allowsDuplicates: Bool

    /// The largest number of slots per device that a layer may get beyond the necessary slots.
    private static let mostExtra = 12

    /// Creates a policy for the devices of `world`, with `deviceSlots` slots per device over all layers.
    public init(world: DeviceWorld, deviceSlots: Int, groupCount: Int? = nil, allowsDuplicates: Bool = true) {
        self.world = world
        self.deviceSlots = deviceSlots
        self.groupCount = groupCount
        self.allowsDuplicates = allowsDuplicates
    }

    /// Creates the policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, let deviceSlots = request.deviceSlots else { return nil }
        guard request.workloads.count == 1, request.current == nil, request.maxRemoteShare == nil,
            request.maxCopies == nil, request.payback == nil
        else {
            throw BalancingError(
                "a budget of slots over all layers leaves slots empty: give one workload, no current placement, and no limit "
                    + "on copies or the remote share")
        }
        if let failed = request.world.slotsPerDevice.firstIndex(of: 0) {
            throw BalancingError(
                "device \(failed) has no slots, but a budget of slots over all layers gives every device the same number: "
                    + "leave failed devices out of the world")
        }
        self.init(
            world: request.world, deviceSlots: deviceSlots, groupCount: request.groupCount,
            allowsDuplicates: request.allowsDuplicates)
    }

    /// Returns the placement for the first workload; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try plan(workloads, effort: .quick).placement
    }

    /// Returns the plan for the first workload. Layers without load get no replicas.
    ///
    /// - Throws: ``BalancingError`` if the slots are too few for the experts, if the groups do not divide the experts,
    ///   or if the nodes do not divide the groups.
    /// - Complexity: The time of up to 13 plans of ``OptimalPolicy``, and O(layers × slots).
    public func plan(_ workloads: [ExpertLoads], effort: OptimalPolicy.Effort) throws -> CertifiedPlan {
        let loads = workloads[0]
        let devices = world.deviceCount
        let layers = loads.layerCount
        let least = (loads.expertCount + devices - 1) / devices
        let spare = deviceSlots - layers * least
        guard spare >= 0 else {
            throw BalancingError(
                "\(deviceSlots.counted("slot")) per device cannot hold \(layers.counted("layer")) of "
                    + "\(loads.expertCount.counted("expert")) on \(devices.counted("device")): give at least "
                    + "\(layers * least)")
        }
        let loaded = (0..<layers).count { loads.total(ofLayer: $0) > 0 }
        let most = min(spare, Self.mostExtra, max(0, loads.expertCount - least))
        let plans = try (0...(loaded > 0 ? most : 0)).map { extra in
            let widened = try DeviceWorld(
                slotsPerDevice: [Int](repeating: least + extra, count: devices), speeds: world.speeds,
                nodeCount: world.nodeCount)
            return try OptimalPolicy(
                world: widened, groupCount: groupCount, effort: effort, allowsDuplicates: allowsDuplicates
            ).plan(loads)
        }
        let extras = Self.cheapest(plans.map { $0.certificates.map(\.longestTime) }, spare: min(spare, most * loaded))
        return CertifiedPlan(
            placement: joined(
                extras.enumerated().map { plans[$1].placement.experts(ofLayer: $0) }, of: loads.expertCount),
            certificates: extras.enumerated().map { plans[$1].certificates[$0] })
    }

    /// Joins layers with different numbers of slots to one placement, and fills the smaller layers with empty slots.
    private func joined(_ rows: [ArraySlice<Int32>], of expertCount: Int) -> Placement {
        let devices = world.deviceCount
        let width = (rows.map(\.count).max() ?? 0) / devices
        var experts: [Int32] = []
        experts.reserveCapacity(rows.count * devices * width)
        for row in rows {
            for held in row.chunks(ofCount: row.count / devices) {
                experts += held
                experts += repeatElement(Placement.emptySlot, count: width - held.count)
            }
        }
        return Placement(
            checkedExperts: experts, expertCount: expertCount, deviceOffsets: (0...devices).map { $0 * width })
    }

    /// Returns the additional slots per device of each layer that minimize the sum of times. Of equal choices, the one
    /// with the fewest slots is taken.
    ///
    /// - Parameters:
    ///   - times: The time of each layer for 0, 1, 2, … additional slots: `slots × layers`.
    ///   - spare: The additional slots per device over all layers.
    private static func cheapest(_ times: [[Double]], spare: Int) -> [Int] {
        let layers = times[0].count
        var best = [Double](repeating: 0, count: spare + 1)
        var choices: [[UInt8]] = []
        for layer in 0..<layers {
            var next = [Double](repeating: .infinity, count: spare + 1)
            var choice = [UInt8](repeating: 0, count: spare + 1)
            for slots in 0...spare {
                for extra in 0..<min(times.count, slots + 1) {
                    let sum = best[slots - extra] + times[extra][layer]
                    if sum < next[slots] * (1 - 1e-12) || next[slots] == .infinity {
                        next[slots] = sum
                        choice[slots] = UInt8(truncatingIfNeeded: extra)
                    }
                }
            }
            best = next
            choices.append(choice)
        }
        var left = spare
        var result = [Int](repeating: 0, count: layers)
        for layer in (0..<layers).reversed() {
            result[layer] = Int(choices[layer][left])
            left -= result[layer]
        }
        return result
    }
}
