extension Placement {
    /// The part of the load that is served remotely: on another node than its group's home node.
    ///
    /// A token's experts of one group are chosen together. If a group lives on one node, the token is sent there once;
    /// load that a group's experts serve on other nodes is sent once more. Each node is home to as many groups, so that
    /// home nodes serve the most load in all (an assignment problem); loads are shared equally by replicas.
    ///
    /// - Parameters:
    ///   - loads: `layers × experts`.
    ///   - groupCount: Groups of as many experts each, in order, which the nodes divide.
    ///   - nodeCount: Nodes of as many devices each, in order.
    /// - Throws: ``BalancingError`` if groups or nodes do not divide.
    /// - Precondition: `loads` has the placement's layers and experts.
    /// - Complexity: O(layers × (slots + groups³)).
    public func remoteShare(_ loads: ExpertLoads, groupCount: Int, nodeCount: Int) throws(BalancingError) -> Double {
        precondition(
            loads.layerCount == layerCount && loads.expertCount == expertCount, "the loads are the placement's")
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
