/// Replicas where they pay: layers share one budget of slots a device, and each gets as many as lower the time of all the most.
///
/// Layers run one after another, so that the sum of their longest times counts. A layer has the same number of slots on every
/// device; which number each gets is found exactly for the plans' times (dynamic programming over layers and slots).
public struct RedundancyPlan: Hashable, Sendable {
    /// Which expert lives where; devices have as many slots as the largest layer needs, empty in layers with fewer.
    public let placement: Placement
    /// What is proved about each layer, for its slots.
    public let certificates: [LayerCertificate]
    /// The slots that each layer has on every device.
    public let slotsPerDevice: [Int]

    /// Layers are looked at with up to so many slots a device more than they need.
    private static let mostExtra = 12

    /// The plan for `loads`.
    ///
    /// - Parameters:
    ///   - loads: The loads; layers without load get no replicas.
    ///   - deviceCount: The devices.
    ///   - deviceSlots: Slots of each device, all layers together.
    ///   - speeds: The speed of each device; all 1 where it is left out.
    ///   - nodeCount: Nodes, which divide the devices.
    ///   - groupCount: Groups that the experts form, each to stay on one node; nil lets any expert stand anywhere.
    ///   - effort: How much time each plan may take.
    /// - Throws: ``BalancingError`` where the slots are too few for the experts, or devices and groups do not divide.
    /// - Complexity: As much as a dozen plans, and O(layers × slots).
    public init(
        _ loads: ExpertLoads, deviceCount: Int, deviceSlots: Int, speeds: [Double]? = nil, nodeCount: Int = 1,
        groupCount: Int? = nil, effort: OptimalPolicy.Effort = .quick
    ) throws(BalancingError) {
        guard deviceCount > 0 else { throw BalancingError("\(deviceCount) devices: give at least 1") }
        let layers = loads.layerCount
        let least = (loads.expertCount + deviceCount - 1) / deviceCount
        let spare = deviceSlots - layers * least
        guard spare >= 0 else {
            throw BalancingError(
                "\(deviceSlots) slots a device are too few for \(layers) layers of \(loads.expertCount) experts on "
                    + "\(deviceCount) devices: give at least \(layers * least)")
        }
        let loaded = (0..<layers).count { loads.total(ofLayer: $0) > 0 }
        let most = min(spare, Self.mostExtra, max(0, loads.expertCount - least))
        var plans: [CertifiedPlan] = []
        for extra in 0...(loaded > 0 ? most : 0) {
            let world = try DeviceWorld(
                slotsPerDevice: [Int](repeating: least + extra, count: deviceCount), speeds: speeds,
                nodeCount: nodeCount)
            plans.append(try OptimalPolicy(world: world, groupCount: groupCount, effort: effort).plan(loads))
        }
        let extras = Self.cheapest(
            plans.map { $0.certificates.map(\.longestTime) }, spare: min(spare, most * loaded))
        slotsPerDevice = extras.map { least + $0 }
        certificates = extras.enumerated().map { plans[$1].certificates[$0] }
        let width = least + (extras.max() ?? 0)
        var experts: [Int32] = []
        experts.reserveCapacity(layers * deviceCount * width)
        for (layer, extra) in extras.enumerated() {
            let row = plans[extra].placement.experts(ofLayer: layer)
            for device in 0..<deviceCount {
                let start = row.startIndex + device * (least + extra)
                experts += row[start..<start + least + extra]
                experts += [Int32](repeating: Placement.emptySlot, count: width - least - extra)
            }
        }
        placement = Placement(
            checkedExperts: experts, expertCount: loads.expertCount,
            deviceOffsets: (0...deviceCount).map { $0 * width })
    }

    /// For each layer how many slots more than the least it gets, so that the sum of times is the least; of equal ones the
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
