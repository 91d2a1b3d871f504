extension NoiseRule {
    /// Returns the layers for which a new plan would shorten the longest time, but by no more than sampling noise.
    ///
    /// - Throws: ``BalancingError`` if the placement, the loads and the world differ in shape.
    /// - Complexity: O(layers × slots × devices).
    public func layersWithinNoise(
        of placement: Placement, for loads: ExpertLoads, in world: DeviceWorld
    ) throws(BalancingError) -> [Int] {
        guard placement.expertCount == loads.expertCount, placement.layerCount == loads.layerCount,
            placement.deviceOffsets == world.deviceOffsets
        else { throw BalancingError("the placement and the loads have other shapes: give a placement for these loads") }
        var search = LayerLocalSearch(
            experts: loads.expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        let packing = LayerPacking(
            experts: loads.expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        return (0..<loads.layerCount).filter { layer in
            let slots = Array(placement.experts(ofLayer: layer))
            let values = Array(loads[layer: layer])
            guard !slots.contains(Placement.emptySlot), values.contains(where: { $0 > 0 }) else { return false }
            for expert in values.indices { packing.weights[expert] = values[expert] }
            search.begin(slots.span, loads: values.span)
            return !isExceeded(by: search, packing, bound: packing.lowerBound())
                && packing.longestTime() < search.longestTime * (1 - 1e-9)
        }
    }

    /// Returns whether the times of the slots in `search` exceed those of a new plan, which `packing` makes for its
    /// weights, by more than noise. `bound` is the least possible longest time.
    func isExceeded(by search: borrowing LayerLocalSearch, _ packing: borrowing LayerPacking, bound: Double) -> Bool {
        packing.improve(target: bound)
        let excess = search.largestExcess(over: packing.longestTime(), significance: significance)
        return excess > leastGain * search.longestTime
    }
}
