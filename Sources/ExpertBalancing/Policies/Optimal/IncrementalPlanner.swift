/// A planner that replans one layer from its current slots, in less time and with fewer copies than a new plan.
///
/// Like ``OptimalPolicy``, the planner exchanges experts in pairs and rotations and gives slots to other experts. An
/// expert that stays on its device keeps its slot. The planner keeps its scratch memory from layer to layer, so that each call is
/// cheap.
public struct IncrementalPlanner: ~Copyable {
    /// The devices.
    public let world: DeviceWorld
    /// The number of experts per layer.
    public let expertCount: Int
    private let packing: LayerPacking
    private let speed: Double
    private let deviceOffsets: [Int]

    /// Creates a planner for layers of `expertCount` experts on `world`.
    ///
    /// - Throws: ``BalancingError`` if there are fewer slots than experts.
    public init(world: DeviceWorld, expertCount: Int) throws(BalancingError) {
        guard expertCount > 0, world.slotCount >= expertCount else {
            throw BalancingError(
                "\(world.slotCount.counted("slot")) cannot hold \(expertCount.counted("expert")): give at least one expert, "
                    + "and at least one slot per expert")
        }
        self.world = world
        self.expertCount = expertCount
        packing = LayerPacking(
            experts: expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        speed = world.totalSpeed
        deviceOffsets = world.deviceOffsets
    }

    /// Changes the slots of a layer for new loads.
    ///
    /// - Parameters:
    ///   - slots: The expert of each slot, changed in place. No slot is empty, and every expert has at least one slot.
    ///   - loads: The load of each expert.
    ///   - goal: The fraction of the best possible balance at which the planner stops. A lower goal moves fewer
    ///     experts.
    /// - Returns: The certificate of the new slots.
    /// - Throws: ``BalancingError`` if the slots or their number are wrong; ``ExpertLoadsError`` if a value is not a
    ///   load.
    /// - Complexity: O(slots), plus O(slots per device × slots) for each of a bounded number of exchanges.
    public mutating func replan(
        _ slots: inout [Int32], for loads: ArraySlice<Double>, goal: Double = 0.9995
    ) throws -> LayerCertificate {
        guard loads.count == expertCount, slots.count == world.slotCount, goal > 0, goal <= 1 else {
            throw BalancingError(
                "\(slots.count.counted("slot")), \(loads.count.counted("load")) and goal \(goal): give "
                    + "\(world.slotCount.counted("slot")), \(expertCount.counted("load")), and a goal above 0 and at most 1"
            )
        }
        var load = 0.0
        for (expert, value) in loads.enumerated() {
            guard value >= 0, value <= ExpertLoads.limit else {
                throw ExpertLoadsError(reason: .notALoad(value, layer: 0, expert: expert))
            }
            packing.weights[expert] = value
            packing.replicas[expert] = 0
            load += value
        }
        for (slot, expert) in slots.enumerated() {
            guard expert >= 0, expert < expertCount else {
                throw BalancingError("slot \(slot): there is no expert \(expert): give 0 to \(expertCount - 1)")
            }
            packing.replicas[Int(expert)] += 1
        }
        for expert in 0..<expertCount where packing.replicas[expert] == 0 {
            throw BalancingError("expert \(expert) has no slot: give every expert at least one")
        }
        let bound = packing.lowerBound(allowsDuplicates: true)
        packing.begin(slots.span)
        packing.improveFurther(target: bound / goal)
        let old = slots
        slots.withUnsafeMutableBufferPointer { packing.writeInPlace($0) }
        Placement.keepSlots(&slots, like: old, deviceOffsets: deviceOffsets)
        let longest = packing.longestTime()
        return LayerCertificate(meanTime: load / speed, longestTime: longest, lowerBound: min(bound, longest))
    }
}
