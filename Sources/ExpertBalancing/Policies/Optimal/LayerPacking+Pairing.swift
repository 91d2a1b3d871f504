extension LayerPacking {
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
    /// ``lowerBound()`` must have sorted the experts before. If pairing would put two replicas of one expert on a
    /// device, the layer is packed by the general method.
    func improvePaired(_ paired: inout PairedCounts, bound: Double, effort: OptimalPolicy.Effort) -> Double {
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
        for position in 0..<experts {
            let expert = Int(order[position])
            replicas[expert] = paired.counts[position]
            shares[expert] = weights[expert] / Double(replicas[expert])
        }
        listItems()
        if !pairItems() { improve(target: paired.lowerBound * ownInverseSpeed) }
        return paired.lowerBound * ownInverseSpeed
    }

    /// Pairs the heaviest replica with the lightest, the second heaviest with the second lightest, and so on. Returns
    /// false if two replicas of one expert would share a device.
    private func pairItems() -> Bool {
        for item in 0..<slotCount / 2 where itemExpert[item] == itemExpert[slotCount - 1 - item] { return false }
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
