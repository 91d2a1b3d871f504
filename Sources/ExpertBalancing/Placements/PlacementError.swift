/// A table of slots is not a placement.
public struct PlacementError: Error, Hashable, CustomStringConvertible {
    /// What is wrong with a table of slots.
    public enum Reason: Hashable, Sendable {
        /// There are no experts to place.
        case noExperts
        /// The devices' slots do not begin at 0 or do not ascend.
        case malformedDevices([Int])
        /// The devices do not divide the slots.
        case slotsNotDivisible(slots: Int, devices: Int)
        /// The layers do not all have every slot.
        case ragged(values: Int, slots: Int)
        /// A slot holds an expert that does not exist.
        case unknownExpert(Int, layer: Int, slot: Int, expertCount: Int)
        /// An expert has no slot.
        case missingExpert(Int, layer: Int)
    }

    /// What is wrong.
    public let reason: Reason

    /// One line: where, what, and what to do.
    public var description: String {
        switch reason {
        case .noExperts: "a placement needs at least one expert"
        case .malformedDevices(let offsets):
            "device offsets \(offsets) must begin at 0, ascend, and end with the number of slots"
        case .slotsNotDivisible(let slots, let devices):
            "\(slots) slots do not divide into \(devices) devices: give device offsets for devices of unequal size"
        case .ragged(let values, let slots): "\(values) values do not make whole layers of \(slots) slots"
        case .unknownExpert(let expert, let layer, let slot, let count):
            "layer \(layer), slot \(slot) holds expert \(expert), but experts are 0 to \(count - 1), -1 for an empty slot"
        case .missingExpert(let expert, let layer):
            "layer \(layer) has no slot for expert \(expert): every expert needs at least one"
        }
    }
}
