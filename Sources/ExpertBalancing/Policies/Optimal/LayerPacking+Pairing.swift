extension LayerPacking {
    /// Whether every device has the same speed and at most one slot.
    var isSingle: Bool {
        var speed = 0.0
        for device in 0..<devices where capacity(device) > 0 {
            guard capacity(device) == 1, speed == 0 || inverseSpeed[device] == speed else { return false }
            speed = inverseSpeed[device]
        }
        return true
    }

    /// Whether every device with slots has two slots and the same speed, so that ``PairedCounts`` applies.
    var isPaired: Bool {
        var speed = 0.0
        for device in 0..<devices where capacity(device) > 0 {
            guard capacity(device) == 2, speed == 0 || inverseSpeed[device] == speed else { return false }
            speed = inverseSpeed[device]
        }
        return experts > 2
    }

    /// Packs the replica counts that `paired` finds, and returns the bound on the longest time that `paired` proves.
    ///
    /// ``lowerBound(allowsDuplicates:)`` must have sorted the experts before. If pairing must put two replicas of one
    /// expert on a device, the layer is packed by the general method. Pairs with duplicates are taken only if duplicates
    /// are allowed and the packing without them takes longer.
    func improvePaired(
        _ paired: inout PairedCounts, bound: Double, effort: OptimalPolicy.Effort, allowsDuplicates: Bool
    ) -> Double {
        fillReplicas()
        var ownInverseSpeed = 1.0
        for device in 0..<devices where capacity(device) > 0 { ownInverseSpeed = inverseSpeed[device] }
        for position in 0..<experts {
            let expert = UInt64Sorting.index(of: keys[position])
            order[position] = Int32(truncatingIfNeeded: expert)
            paired.weights[position] = weights[expert]
            paired.counts[position] = replicas[expert]
        }
        paired.solve(bound: bound / ownInverseSpeed, effort: effort)
        for position in 0..<experts { replicas[Int(order[position])] = paired.counts[position] }
        let bound = paired.lowerBound * ownInverseSpeed
        let counts = (0..<experts).map { replicas[$0] }
        if !pairItems(allowsDuplicates: false) { improve(target: bound) }
        if allowsDuplicates, longestTime() > paired.longestTime * ownInverseSpeed * (1 + 1e-9) {
            for expert in 0..<experts { replicas[expert] = counts[expert] }
            _ = pairItems(allowsDuplicates: true)
        }
        return bound
    }

    /// Pairs the heaviest replica with the lightest, the second heaviest with the second lightest, and so on. If two
    /// replicas of one expert would share a device and may not, they change partners with the next pair of other
    /// experts. Returns false if there is no such pair.
    private func pairItems(allowsDuplicates: Bool) -> Bool {
        for expert in 0..<experts { shares[expert] = weights[expert] / Double(replicas[expert]) }
        listItems()
        let pairs = slotCount / 2
        for item in 0..<pairs { keptSlot[item] = Int32(truncatingIfNeeded: slotCount - 1 - item) }
        for item in 0..<pairs where !allowsDuplicates && itemExpert[item] == itemExpert[Int(keptSlot[item])] {
            let expert = itemExpert[item]
            let other = (0..<item).last { itemExpert[$0] != expert && itemExpert[Int(keptSlot[$0])] != expert }
            guard let other else { return false }
            (keptSlot[item], keptSlot[other]) = (keptSlot[other], keptSlot[item])
        }
        clearDevices()
        var item = 0
        for device in 0..<devices where capacity(device) > 0 {
            place(item, on: device)
            place(Int(keptSlot[item]), on: device)
            item += 1
        }
        return true
    }
}
