extension Placement {
    /// The load that each device carries in each layer: `layers × devices`.
    ///
    /// An expert's load is shared equally by its replicas, as routing by rotation does.
    ///
    /// - Parameter loads: `layers × experts`, tokens an expert.
    /// - Precondition: `loads` has the placement's layers and experts.
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

    /// The mean over layers of mean device load over largest device load, as DeepSeek's EPLB is judged by.
    ///
    /// 1 is perfect; a layer without load counts as 1.
    ///
    /// - Parameter loads: `layers × experts`, tokens an expert.
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
