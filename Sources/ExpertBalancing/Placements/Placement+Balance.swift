extension Placement {
    /// Returns the load of each device in each layer: `layers × devices`.
    ///
    /// Replicas share their expert's load equally, as in round-robin routing.
    ///
    /// - Parameter loads: The tokens per expert: `layers × experts`.
    /// - Precondition: `loads` has the layers and experts of the placement.
    /// - Complexity: O(layers × slots).
    public func deviceLoads(_ loads: [Double]) -> [Double] {
        precondition(loads.count == layerCount * expertCount, "loads are layers × experts")
        var result: [Double] = []
        result.reserveCapacity(layerCount * deviceCount)
        for layer in 0..<layerCount {
            let counts = replicaCounts(ofLayer: layer)
            let row = layer * slotCount
            for device in 0..<deviceCount {
                result.append(
                    slots(ofDevice: device).reduce(0) { sum, slot in
                        let expert = Int(experts[row + slot])
                        return expert < 0 ? sum : sum + loads[layer * expertCount + expert] / Double(counts[expert])
                    })
            }
        }
        return result
    }

    /// Returns the mean over layers of the mean device load divided by the largest device load. This is the usual
    /// measure of DeepSeek's EPLB.
    ///
    /// 1 is perfect. A layer without load counts as 1.
    ///
    /// - Parameter loads: The tokens per expert: `layers × experts`.
    public func balancedness(_ loads: [Double]) -> Double {
        let devices = deviceLoads(loads)
        let layers = (0..<layerCount).map { layer -> Double in
            let row = devices[layer * deviceCount..<(layer + 1) * deviceCount]
            let largest = row.max() ?? 0
            return largest == 0 ? 1 : row.reduce(0, +) / Double(deviceCount) / largest
        }
        return layers.reduce(0, +) / Double(max(layers.count, 1))
    }
}
