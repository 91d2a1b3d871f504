/// An error for a table of slots that is not a placement.
public struct PlacementError: Error, Hashable, CustomStringConvertible {
    /// The reasons to refuse a table.
    public enum Reason: Hashable, Sendable {
        /// There are no experts to place.
        case noExperts
        /// The device offsets do not begin at 0, do not ascend, or leave no slot.
        case malformedDevices([Int])
        /// The devices do not divide the slots.
        case slotsNotDivisible(slots: Int, devices: Int)
        /// The values do not make whole layers.
        case ragged(values: Int, slots: Int)
        /// A slot holds an expert that does not exist.
        case unknownExpert(Int, layer: Int, slot: Int, expertCount: Int)
        /// An expert has no slot.
        case missingExpert(Int, layer: Int)
    }

    /// The reason to refuse the table.
    public let reason: Reason

    /// One line with the position, the problem and the remedy.
    public var description: String {
        switch reason {
        case .noExperts: "a placement of 0 experts is empty: give at least 1"
        case .malformedDevices(let offsets):
            "device offsets \(offsets) must begin at 0, ascend, and end with the number of slots"
        case .slotsNotDivisible(let slots, let devices):
            "\(slots.counted("slot")) cannot be divided equally among \(devices.counted("device")): give device offsets "
                + "for devices of unequal size"
        case .ragged(let values, let slots):
            "\(values.counted("value")) cannot make whole layers of \(slots.counted("slot")): give every layer all slots"
        case .unknownExpert(let expert, let layer, let slot, let count):
            "layer \(layer), slot \(slot): there is no expert \(expert): give 0 to \(count - 1), or -1 for an empty slot"
        case .missingExpert(let expert, let layer):
            "layer \(layer) has no slot for expert \(expert): give every expert at least one"
        }
    }
}
