extension OptimalPolicy {
    /// Returns a hierarchical plan with the layers that ``LocalityPolicy`` places better without remote load, so that the
    /// plan is at least as good as that policy's.
    func improvedAtHome(_ plan: CertifiedPlan, for loads: ExpertLoads, near: CertifiedPlan) -> CertifiedPlan {
        var search = LocalitySearch(loads, world: world, groupCount: groupCount ?? 1, near: near)
        var slots = plan.placement.experts
        for (layer, certificate) in plan.certificates.enumerated() where certificate.gap > ExactSearch.precision {
            let best = search.placementAtHome(ofLayer: layer)
            guard best.balance > certificate.balance * (1 + ExactSearch.precision),
                groupsStayOnNodes(best.slots, experts: loads.expertCount)
            else { continue }
            slots.replaceSubrange(layer * world.slotCount..<(layer + 1) * world.slotCount, with: best.slots)
        }
        let placement = Placement(
            checkedExperts: slots, expertCount: loads.expertCount, deviceOffsets: world.deviceOffsets)
        return CertifiedPlan(
            placement: placement,
            certificates: placement.certificates(for: loads, bounds: plan.certificates, in: world))
    }

    /// Whether the slots of one layer hold each group on one node. An expert without load may be anywhere at no cost.
    private func groupsStayOnNodes(_ slots: [Int32], experts: Int) -> Bool {
        let groups = groupCount ?? 1
        var nodeOfGroup = [Int](repeating: -1, count: groups)
        for device in 0..<world.deviceCount {
            let node = device / (world.deviceCount / world.nodeCount)
            for slot in world.deviceOffsets[device]..<world.deviceOffsets[device + 1] {
                let group = Int(slots[slot]) * groups / experts
                if nodeOfGroup[group] >= 0, nodeOfGroup[group] != node { return false }
                nodeOfGroup[group] = node
            }
        }
        return true
    }
}
