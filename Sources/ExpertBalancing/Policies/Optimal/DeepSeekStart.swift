/// DeepSeek's placement of one layer, which ``OptimalPlanner`` starts from.
final class DeepSeekStart {
    private let planner: DeepSeekLayerPlanner
    private let deviceCount: Int
    private let slotsPerDevice: Int
    private let speed: Double

    /// Creates the planner; nil if the devices are not equal.
    init?(world: DeviceWorld, experts: Int, groups: Int, nodes: Int) {
        guard world.isUniform else { return nil }
        deviceCount = world.deviceCount
        slotsPerDevice = world.slotsPerDevice[0]
        speed = world.speeds[0]
        planner = DeepSeekLayerPlanner(
            experts: experts, slots: world.slotCount, groups: groups, nodes: nodes, devices: deviceCount)
    }

    /// Plans one layer.
    func plan(_ loads: UnsafeBufferPointer<Double>) { planner.plan(loads) }

    /// The expert of each slot.
    var slots: [Int32] { Array(planner.slotExperts.elements) }

    /// Whether a device holds an expert twice. O(slots × slots per device).
    var hasDuplicates: Bool {
        (0..<deviceCount).contains { device in
            let held = planner.slotExperts.elements[device * slotsPerDevice..<(device + 1) * slotsPerDevice]
            return held.indices.contains { held[..<$0].contains(held[$0]) }
        }
    }

    /// Returns the longest time of any device for the planned loads. O(slots).
    func longestTime(_ loads: UnsafeBufferPointer<Double>) -> Double {
        var longest = 0.0
        for device in 0..<deviceCount {
            var load = 0.0
            for slot in device * slotsPerDevice..<(device + 1) * slotsPerDevice {
                let expert = Int(planner.slotExperts[slot])
                load += loads[expert] / Double(planner.replicaCounts[expert])
            }
            longest = max(longest, load / speed)
        }
        return longest
    }

    /// Returns the slots of the node that holds exactly `groups`, as indices of these groups' experts; nil if there is
    /// no such node.
    func slots(ofNodeWith groups: [Int], groupSize: Int, slotsPerNode: Int) -> [Int32]? {
        var rankOfGroup = [Int: Int](minimumCapacity: groups.count)
        for (rank, group) in groups.enumerated() { rankOfGroup[group] = rank }
        for first in stride(from: 0, to: planner.slotExperts.elements.count, by: slotsPerNode) {
            let held = planner.slotExperts.elements[first..<first + slotsPerNode]
            guard rankOfGroup[Int(held[first]) / groupSize] != nil else { continue }
            var result: [Int32] = []
            result.reserveCapacity(slotsPerNode)
            for expert in held {
                let (group, index) = Int(expert).quotientAndRemainder(dividingBy: groupSize)
                guard let rank = rankOfGroup[group] else { return nil }
                result.append(Int32(truncatingIfNeeded: rank * groupSize + index))
            }
            return result
        }
        return nil
    }
}
