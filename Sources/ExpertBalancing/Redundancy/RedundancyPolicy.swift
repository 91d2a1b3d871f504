import Algorithms

/// Replicas where they pay: layers share one budget of slots per device, and each gets as many as lower the time of all the
/// most.
///
/// Layers run one after another, so that the sum of their longest times counts. A layer has the same number of slots on every
/// device; the number for each is found exactly for the plans' times (dynamic programming over layers and slots). In the
/// placement, devices have as many slots as the largest layer needs, empty in layers with fewer.
public struct RedundancyPolicy: PlacementPolicy {
    /// The devices; their slots per layer are the policy's to choose.
    public let world: DeviceWorld
    /// Slots of each device, all layers together.
    public let deviceSlots: Int
    /// Groups that the experts form, each to stay on one node; nil lets any expert live anywhere.
    public let groupCount: Int?

    /// Layers are planned with up to so many slots per device more than they need.
    private static let mostExtra = 12

    /// A policy for the devices of `world`, with `deviceSlots` slots each for all layers together.
    public init(world: DeviceWorld, deviceSlots: Int, groupCount: Int? = nil) {
        self.world = world
        self.deviceSlots = deviceSlots
        self.groupCount = groupCount
    }

    /// The policy for a request; see ``PlacementPolicy``.
    public init?(_ request: PlacementRequest) throws {
        guard request.policyName == Self.name, let deviceSlots = request.deviceSlots else { return nil }
        guard request.workloads.count == 1, request.current == nil, request.maxRemoteShare == nil else {
            throw BalancingError(
                "slots for all layers together leave some empty: give one workload, no current placement and no limit on "
                    + "the remote share")
        }
        self.init(world: request.world, deviceSlots: deviceSlots, groupCount: request.groupCount)
    }

    /// The placement for workloads; see ``PlacementPolicy``.
    public func placement(for workloads: [ExpertLoads], best: [CertifiedPlan]) throws -> Placement {
        try plan(workloads, effort: .quick).placement
    }

    /// The plan for the first workload; layers without load get no replicas.
    ///
    /// - Throws: ``BalancingError`` if the slots are too few for the experts, or devices and groups do not divide.
    /// - Complexity: As much as a dozen plans, and O(layers × slots).
    public func plan(_ workloads: [ExpertLoads], effort: OptimalPolicy.Effort) throws -> CertifiedPlan {
        let loads = workloads[0]
        let devices = world.deviceCount
        let layers = loads.layerCount
        let least = (loads.expertCount + devices - 1) / devices
        let spare = deviceSlots - layers * least
        guard spare >= 0 else {
            throw BalancingError(
                "\(deviceSlots) slots per device are too few for \(layers) layers of \(loads.expertCount) experts on "
                    + "\(devices) devices: give at least \(layers * least)")
        }
        let loaded = (0..<layers).count { loads.total(ofLayer: $0) > 0 }
        let most = min(spare, Self.mostExtra, max(0, loads.expertCount - least))
        let plans = try (0...(loaded > 0 ? most : 0)).map { extra in
            let widened = try DeviceWorld(
                slotsPerDevice: [Int](repeating: least + extra, count: devices), speeds: world.speeds,
                nodeCount: world.nodeCount)
            return try OptimalPolicy(world: widened, groupCount: groupCount, effort: effort).plan(loads)
        }
        let extras = Self.cheapest(plans.map { $0.certificates.map(\.longestTime) }, spare: min(spare, most * loaded))
        return CertifiedPlan(
            placement: joined(
                extras.enumerated().map { plans[$1].placement.experts(ofLayer: $0) }, of: loads.expertCount),
            certificates: extras.enumerated().map { plans[$1].certificates[$0] })
    }

    /// Layers of different numbers of slots as one placement, the shorter ones filled up with empty slots.
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

    /// The slots more than the least that each layer gets, so that the sum of times is the least; of equal choices the
    /// fewest slots.
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
