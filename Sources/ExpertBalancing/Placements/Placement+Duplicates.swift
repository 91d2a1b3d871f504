extension Placement {
    /// How many slots, over all layers, hold an expert that another slot of their device holds too: memory without use.
    /// O(layers × slots × slots a device).
    public var duplicateCount: Int {
        var count = 0
        for layer in 0..<layerCount {
            let row = Array(experts(ofLayer: layer))
            for device in 0..<deviceCount {
                let held = row[slots(ofDevice: device)].filter { $0 != Self.emptySlot }
                count += held.count - Set(held).count
            }
        }
        return count
    }
}
