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

    /// Returns the slots of one node, as indices that `indices` gives for each expert.
    func slots(ofNode node: Int, slotsPerNode: Int, indices: [Int32]) -> [Int32] {
        (node * slotsPerNode..<(node + 1) * slotsPerNode).map { indices[Int(planner.slotExperts[$0])] }
    }

    /// Returns the value of `nodeOfExpert` for the experts of one node; nil if they have different values.
    func node(_ node: Int, slotsPerNode: Int, liesIn nodeOfExpert: [Int32]) -> Int? {
        let held = planner.slotExperts.elements[node * slotsPerNode..<(node + 1) * slotsPerNode]
        let first = nodeOfExpert[Int(held[held.startIndex])]
        return held.allSatisfy { nodeOfExpert[Int($0)] == first } ? Int(first) : nil
    }
}
