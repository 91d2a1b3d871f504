extension Placement {
    /// Returns the placement with the slots of `current` in all layers without load, such as dense layers, so that
    /// nothing is copied there. If a device has another number of slots in `current`, its slots cannot be kept, and the
    /// placement is returned unchanged. O(layers × (slots + experts)).
    func keepingLayersWithoutLoad(of current: Placement, for workloads: [ExpertLoads]) -> Placement {
        guard deviceOffsets == current.deviceOffsets else { return self }
        var experts = experts
        for layer in 0..<layerCount where workloads.allSatisfy({ $0.total(ofLayer: layer) == 0 }) {
            experts.replaceSubrange(layer * slotCount..<(layer + 1) * slotCount, with: current.experts(ofLayer: layer))
        }
        return Placement(checkedExperts: experts, expertCount: expertCount, deviceOffsets: deviceOffsets)
    }
}
