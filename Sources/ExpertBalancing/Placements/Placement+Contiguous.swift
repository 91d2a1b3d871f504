extension Placement {
    /// Creates the placement that training starts from: every device has consecutive experts, in proportion to its
    /// slots. The other slots of a device repeat its own experts, so that they change no load.
    ///
    /// With E experts on D equal devices, device d has the experts `d × E / D ..< (d + 1) × E / D`. O(layers × slots).
    ///
    /// - Throws: ``BalancingError`` if the world has fewer slots than experts.
    public init(contiguousLayers layerCount: Int, expertCount: Int, world: DeviceWorld) throws(BalancingError) {
        let slotCount = world.slotCount
        guard layerCount > 0, expertCount > 0, slotCount >= expertCount else {
            throw BalancingError(
                "\(slotCount.counted("slot")) cannot hold \(layerCount.counted("layer")) of "
                    + "\(expertCount.counted("expert")): give at least one layer and expert, and at least one slot per expert"
            )
        }
        let offsets = world.deviceOffsets
        var row: [Int32] = []
        for (start, end) in zip(offsets, offsets.dropFirst()) {
            let first = expertCount * start / slotCount
            let count = max(expertCount * end / slotCount - first, 1)
            row += (0..<end - start).map { Int32(truncatingIfNeeded: min(first, expertCount - count) + $0 % count) }
        }
        self.init(
            checkedExperts: Array(repeatElement(row, count: layerCount).joined()), expertCount: expertCount,
            deviceOffsets: offsets)
    }
}
