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
    /// ``lowerBound(allowsDuplicates:)`` must have sorted the experts before. If pairing would put two replicas of one
    /// expert on a device, the layer is packed by the general method. The pairs are taken only if duplicates are allowed
    /// and the general method takes longer.
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
        if pairItems(allowsDuplicates: false) { return bound }
        let counts = (0..<experts).map { replicas[$0] }
        improve(target: bound)
        if allowsDuplicates, longestTime() > paired.longestTime * ownInverseSpeed * (1 + 1e-9) {
            for expert in 0..<experts { replicas[expert] = counts[expert] }
            _ = pairItems(allowsDuplicates: true)
        }
        return bound
    }

    /// Pairs the heaviest replica with the lightest, the second heaviest with the second lightest, and so on. Returns
    /// false if two replicas of one expert would share a device and may not.
    private func pairItems(allowsDuplicates: Bool) -> Bool {
        for expert in 0..<experts { shares[expert] = weights[expert] / Double(replicas[expert]) }
        listItems()
        if !allowsDuplicates {
            for item in 0..<slotCount / 2 where itemExpert[item] == itemExpert[slotCount - 1 - item] { return false }
        }
        clearDevices()
        var item = 0
        for device in 0..<devices where capacity(device) > 0 {
            place(item, on: device)
            place(slotCount - 1 - item, on: device)
            item += 1
        }
        return true
    }
}
