extension Placement {
    /// Returns the placement with its devices' sets of experts permuted so that as few experts as possible are copied.
    ///
    /// An expert that stays on its device keeps its slot. Sets change places only between devices with the same number
    /// of slots and the same speed. For up to 128 devices, the permutation is optimal (shortest augmenting paths). For
    /// more devices, the assignment is greedy: pairs of a set and a device that keep the most experts come first.
    ///
    /// - Parameters:
    ///   - current: The placement to stay close to. Its devices may have other numbers of slots.
    ///   - world: The devices.
    ///   - keepsNodes: Whether every set of experts stays on its node.
    /// - Precondition: Both placements have the same layers, experts and devices.
    /// - Complexity: O(layers × devices³); for more than 128 devices O(layers × (devices² × log devices + slots ×
    ///   replicas)).
    public func relabelled(closestTo current: Placement, in world: DeviceWorld, keepsNodes: Bool = false) -> Placement {
        precondition(
            layerCount == current.layerCount && expertCount == current.expertCount
                && deviceCount == current.deviceCount && world.deviceOffsets == deviceOffsets,
            "the placements have the same layers, experts and devices")
        let devices = deviceCount
        let perNode = max(devices / world.nodeCount, 1)
        var result: [Int32] = []
        result.reserveCapacity(experts.count)
        for layer in 0..<layerCount {
            let old = Array(current.experts(ofLayer: layer))
            let new = Array(experts(ofLayer: layer))
            var kept = [Int32](repeating: 0, count: devices * devices)
            var holders = [[Holder]](repeating: [], count: expertCount)
            for device in 0..<devices {
                let slots = current.slots(ofDevice: device)
                for slot in slots where old[slot] >= 0 {
                    holders[Int(old[slot])].append(
                        Holder(device: device, rank: Self.rank(of: slot, old, slots)))
                }
            }
            for set in 0..<devices {
                for slot in slots(ofDevice: set) where new[slot] >= 0 {
                    let rank = Self.rank(of: slot, new, slots(ofDevice: set))
                    for holder in holders[Int(new[slot])] where holder.rank == rank {
                        kept[set * devices + holder.device] += 1
                    }
                }
            }
            let mayTake: (Int, Int) -> Bool = { set, device in
                world.slotsPerDevice[set] == world.slotsPerDevice[device] && world.speeds[set] == world.speeds[device]
                    && (!keepsNodes || set / perNode == device / perNode)
            }
            let setOfDevice =
                devices <= 128
                ? Assignment.best(devices) { mayTake($0, $1) ? -Double(kept[$0 * devices + $1]) : 1e6 }
                : Assignment.greedy(devices, kept, mayTake)
            for device in 0..<devices {
                result += new[slots(ofDevice: setOfDevice[device])]
            }
        }
        return Placement(checkedExperts: result, expertCount: expertCount, deviceOffsets: deviceOffsets)
            .keepingSlots(of: current)
    }

    /// A slot that holds an expert.
    private struct Holder {
        var device: Int
        /// The number of slots before it on the device that hold the same expert.
        var rank: Int
    }

    /// Returns the number of slots of a device before `slot` that hold the same expert. O(slots per device).
    private static func rank(of slot: Int, _ experts: [Int32], _ slots: Range<Int>) -> Int {
        (slots.lowerBound..<slot).count { experts[$0] == experts[slot] }
    }
}
