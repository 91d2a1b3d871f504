extension LayerPacking {
    /// Whether every device that takes part has two slots and the same speed, so that ``PairedCounts`` applies.
    var isPaired: Bool {
        var speed = 0.0
        for device in 0..<devices where capacity(device) > 0 {
            guard capacity(device) == 2, speed == 0 || inverseSpeed[device] == speed else { return false }
            speed = inverseSpeed[device]
        }
        return experts > 2
    }

    /// Packs by the counts of `paired`; the bound that it proves is returned as a time.
    ///
    /// Expects ``lowerBound()`` to have just sorted the experts. An expert whose replicas meet themselves is packed like any
    /// other layer.
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

    /// Puts the heaviest replica beside the lightest, and so on; false where one expert's would share a device.
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
