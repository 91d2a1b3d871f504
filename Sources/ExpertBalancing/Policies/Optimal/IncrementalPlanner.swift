/// Replans one layer from its current slots, in less time than a new plan and with fewer copies.
///
/// The present slots are exchanged in pairs and rotations, and given to other experts, as by ``OptimalPolicy``; what need not
/// move stays in its slot. Scratch is kept from layer to layer, so that a planner is cheap to call all the time.
public struct IncrementalPlanner: ~Copyable {
    /// The devices.
    public let world: DeviceWorld
    /// How many experts a layer has.
    public let expertCount: Int
    private let packing: LayerPacking
    private let speed: Double

    /// A planner for layers of `expertCount` experts on `world`.
    ///
    /// - Throws: ``BalancingError`` where slots are fewer than experts.
    public init(world: DeviceWorld, expertCount: Int) throws(BalancingError) {
        guard expertCount > 0, world.slotCount >= expertCount else {
            throw BalancingError(
                "\(world.slotCount) slots are too few for \(expertCount) experts: give at least one each")
        }
        self.world = world
        self.expertCount = expertCount
        packing = LayerPacking(
            experts: expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        speed = world.totalSpeed
    }

    /// Changes a layer's slots for new loads.
    ///
    /// - Parameters:
    ///   - slots: The expert of each slot, none empty and every expert in at least one; changed in place.
    ///   - loads: The load of each expert.
    ///   - goal: The part of the best possible balance at which the layer counts as done: less than 1 moves less.
    /// - Returns: What is proved about the new slots.
    /// - Throws: ``BalancingError`` or ``ExpertLoadsError`` where slots or loads are not a layer's.
    /// - Complexity: O(slots) and, for each of a bounded number of exchanges, O(slots a device × slots).
    public mutating func replan(
        _ slots: inout [Int32], for loads: ArraySlice<Double>, goal: Double = 0.9995
    ) throws -> LayerCertificate {
        guard loads.count == expertCount, slots.count == world.slotCount, goal > 0, goal <= 1 else {
            throw BalancingError(
                "\(slots.count) slots, \(loads.count) loads and goal \(goal): give \(world.slotCount) slots, "
                    + "\(expertCount) loads and a goal above 0, at most 1")
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
                throw BalancingError("slot \(slot) holds \(expert): give experts from 0 to \(expertCount - 1)")
            }
            packing.replicas[Int(expert)] += 1
        }
        for expert in 0..<expertCount where packing.replicas[expert] == 0 {
            throw BalancingError("expert \(expert) has no slot: every expert needs at least one")
        }
        let bound = packing.lowerBound()
        packing.begin(slots.span)
        packing.improveFurther(target: bound / goal)
        slots.withUnsafeMutableBufferPointer { packing.writeInPlace($0) }
        let longest = packing.longestTime()
        return LayerCertificate(meanTime: load / speed, longestTime: longest, lowerBound: min(bound, longest))
    }
}
