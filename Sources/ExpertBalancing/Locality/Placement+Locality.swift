extension Placement {
    /// Returns the fraction of the load that is served remotely, outside the home node of its group.
    ///
    /// With group-limited routing, the experts of a token lie in few groups. If a group is on one node, a token is sent
    /// to that node once. If some of the group's experts serve the token on another node, the token is sent there as
    /// well. Each node is home to the same number of groups, and home nodes serve the most load in total (an assignment
    /// problem). Replicas share their expert's load equally.
    ///
    /// - Parameters:
    ///   - loads: `layers × experts`.
    ///   - groupCount: The number of groups. Each group has the same number of consecutive experts.
    ///   - nodeCount: The number of nodes, which divides the groups. Each node has the same number of
    ///     consecutive devices.
    /// - Throws: ``BalancingError`` if the groups do not divide the experts, or the nodes the groups or the devices.
    /// - Precondition: `loads` has the layers and experts of the placement.
    /// - Complexity: O(layers × (slots + groups³)).
    public func remoteShare(_ loads: ExpertLoads, groupCount: Int, nodeCount: Int) throws(BalancingError) -> Double {
        precondition(
            loads.layerCount == layerCount && loads.expertCount == expertCount,
            "the loads have the layers and experts of the placement")
        try HomeNodes.check(groups: groupCount, nodes: nodeCount, experts: expertCount, devices: deviceCount)
        var remote = 0.0
        var total = 0.0
        for layer in 0..<layerCount {
            let served = HomeNodes.servedLoad(self, layer: layer, loads, groups: groupCount, nodes: nodeCount)
            let homes = HomeNodes.assigned(served, groups: groupCount, nodes: nodeCount)
            for group in 0..<groupCount {
                for node in 0..<nodeCount {
                    total += served[group * nodeCount + node]
                    if node != homes[group] { remote += served[group * nodeCount + node] }
                }
            }
        }
        return total > 0 ? remote / total : 0
    }
}
