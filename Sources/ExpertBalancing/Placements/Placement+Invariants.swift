#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Placement {
    /// Whether placements are checked when policies make them: `CONTRAFLOW_CHECK_INVARIANTS` is set, and neither to `0`
    /// nor to an empty text. The variable is read once per process.
    static let checksInvariants: Bool = {
        guard let value = getenv("CONTRAFLOW_CHECK_INVARIANTS").map({ String(cString: $0) }) else { return false }
        return !value.isEmpty && value != "0"
    }()

    /// Stops the process if the placement breaks an invariant, and names the invariant.
    ///
    /// The invariants: there is at least one expert and one slot; the device offsets begin at 0 and ascend; all layers
    /// are whole; every slot is empty or holds an expert of the layer; every expert of every layer has a slot.
    ///
    /// - Complexity: O(layers × slots).
    package func _checkInvariants() {
        do {
            try validate()
        } catch {
            // A precondition failure would print no message in a release build.
            fatalError("broken invariant: placement: \(error)")
        }
    }

    /// Checks the invariants of the placement.
    ///
    /// - Throws: ``PlacementError`` for the first broken invariant.
    /// - Complexity: O(layers × slots).
    func validate() throws(PlacementError) {
        guard expertCount > 0 else { throw PlacementError(reason: .noExperts) }
        guard let slots = deviceOffsets.last, deviceOffsets.count > 1, slots > 0, deviceOffsets[0] == 0,
            zip(deviceOffsets, deviceOffsets.dropFirst()).allSatisfy(<=)
        else { throw PlacementError(reason: .malformedDevices(deviceOffsets)) }
        guard experts.count.isMultiple(of: slots) else {
            throw PlacementError(reason: .ragged(values: experts.count, slots: slots))
        }
        for layer in 0..<experts.count / slots {
            var isPlaced = [Bool](repeating: false, count: expertCount)
            for slot in 0..<slots {
                let expert = experts[layer * slots + slot]
                if expert == Self.emptySlot { continue }
                guard expert >= 0, expert < expertCount else {
                    throw PlacementError(
                        reason: .unknownExpert(Int(expert), layer: layer, slot: slot, expertCount: expertCount))
                }
                isPlaced[Int(expert)] = true
            }
            if let missing = isPlaced.firstIndex(of: false) {
                throw PlacementError(reason: .missingExpert(missing, layer: layer))
            }
        }
    }
}
