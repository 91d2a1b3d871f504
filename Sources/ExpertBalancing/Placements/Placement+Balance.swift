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
            result += deviceLoads(ofLayer: layer, loads[layer * expertCount..<(layer + 1) * expertCount])
        }
        return result
    }

    /// Returns the load of each device in a layer. O(slots).
    private func deviceLoads(ofLayer layer: Int, _ loads: ArraySlice<Double>) -> [Double] {
        let counts = replicaCounts(ofLayer: layer)
        let row = layer * slotCount
        return (0..<deviceCount).map { device in
            slots(ofDevice: device).reduce(0.0) { sum, slot in
                let expert = Int(experts[row + slot])
                return expert < 0 ? sum : sum + loads[loads.startIndex + expert] / Double(counts[expert])
            }
        }
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

    /// Returns the longest time of any device in a layer. A device's time is its load divided by its speed.
    ///
    /// - Parameter loads: The load of each of the layer's experts.
    /// - Complexity: O(slots) for equal shares; the complexity of ``TokenSplit`` for the best split.
    func longestTime(
        ofLayer layer: Int, for loads: ArraySlice<Double>, in world: DeviceWorld, _ sharing: LoadReplay.TokenSharing
    ) -> Double {
        switch sharing {
        case .equal: return zip(deviceLoads(ofLayer: layer, loads), world.speeds).reduce(0) { max($0, $1.0 / $1.1) }
        case .best:
            var flow = ReplicaFlow(self, layer: layer, loads: Array(loads), speeds: world.speeds)
            return flow.solve(isWhole: false)
        }
    }

    /// Returns the balance of a layer: the mean time of the devices divided by the longest; 1 without load.
    func balance(
        ofLayer layer: Int, for loads: ArraySlice<Double>, in world: DeviceWorld, _ sharing: LoadReplay.TokenSharing
    ) -> Double {
        let longest = longestTime(ofLayer: layer, for: loads, in: world, sharing)
        return longest > 0 ? loads.reduce(0, +) / world.totalSpeed / longest : 1
    }

    /// Returns the mean balance of the layers that have load; 1 if no layer has load.
    func meanBalance(for loads: ExpertLoads, in world: DeviceWorld, _ sharing: LoadReplay.TokenSharing) -> Double {
        let layers = (0..<layerCount).filter { layer in loads[layer: layer].contains { $0 > 0 } }
        let sum = layers.reduce(0) { $0 + balance(ofLayer: $1, for: loads[layer: $1], in: world, sharing) }
        return layers.isEmpty ? 1 : sum / Double(layers.count)
    }
}
