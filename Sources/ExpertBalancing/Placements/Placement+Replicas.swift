extension Placement {
    /// The number of duplicates over all layers. A duplicate is a slot whose expert is already in an earlier slot of the
    /// same device; it wastes memory. O(layers × (slots + experts)).
    public var duplicateCount: Int {
        (0..<layerCount).reduce(0) { sum, layer in
            var distinct = 0
            forEachReplica(ofLayer: layer) { _, _, _ in distinct += 1 }
            return sum + experts(ofLayer: layer).count { $0 != Self.emptySlot } - distinct
        }
    }

    /// Calls `body` for each device and each expert on the device, with the expert's first slot there. Devices and
    /// slots ascend. O(slots).
    @inline(__always)
    func forEachReplica(ofLayer layer: Int, _ body: (_ expert: Int, _ device: Int, _ slot: Int) -> Void) {
        let row = experts(ofLayer: layer)
        var lastDevice = [Int](repeating: -1, count: expertCount)
        for device in 0..<deviceCount {
            for slot in slots(ofDevice: device) {
                let expert = Int(row[row.startIndex + slot])
                if expert < 0 || lastDevice[expert] == device { continue }
                lastDevice[expert] = device
                body(expert, device, slot)
            }
        }
    }
}
