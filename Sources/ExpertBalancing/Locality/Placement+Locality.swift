extension Placement {
    /// The part of the load that is served away from home: on another node than most of its group.
    ///
    /// A token's experts of one group are chosen together. Where a group stands on one node, the token is sent there once;
    /// what a group's experts serve on other nodes is sent once more. Each node is home to as many groups, those of which
    /// it serves the most as a whole (an assignment problem); loads are shared equally by replicas.
    ///
    /// - Parameters:
    ///   - loads: `layers × experts`.
    ///   - groupCount: Groups of as many experts each, in order, which the nodes divide.
    ///   - nodeCount: Nodes of as many devices each, in order.
    /// - Throws: ``BalancingError`` where groups or nodes do not divide.
    /// - Precondition: `loads` has the placement's layers and experts.
    /// - Complexity: O(layers × (slots + groups³)).
    public func remoteShare(
        _ loads: ExpertLoads, groupCount: Int, nodeCount: Int
    ) throws(BalancingError) -> Double {
        precondition(
            loads.layerCount == layerCount && loads.expertCount == expertCount, "the loads are the placement's")
        try GroupNodes.check(groups: groupCount, nodes: nodeCount, experts: expertCount, devices: deviceCount)
        var remote = 0.0
        var total = 0.0
        for layer in 0..<layerCount {
            let served = GroupNodes.servedLoad(self, layer: layer, loads, groups: groupCount, nodes: nodeCount)
            let homes = GroupNodes.best(served, groups: groupCount, nodes: nodeCount)
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

/// Which node each group of experts belongs to.
enum GroupNodes {
    static func check(groups: Int, nodes: Int, experts: Int, devices: Int) throws(BalancingError) {
        guard nodes > 0, groups > 0, groups.isMultiple(of: nodes), experts.isMultiple(of: groups) else {
            throw BalancingError(
                "\(groups) groups of \(experts) experts on \(nodes) nodes: give groups that divide the experts and that "
                    + "the nodes divide")
        }
        guard devices.isMultiple(of: nodes) else {
            throw BalancingError("\(devices) devices do not divide into \(nodes) nodes: give a multiple")
        }
    }

    /// What each node serves of each group: `groups × nodes`.
    static func servedLoad(
        _ placement: Placement, layer: Int, _ loads: ExpertLoads, groups: Int, nodes: Int
    ) -> [Double] {
        let counts = placement.replicaCounts(ofLayer: layer)
        let row = placement.experts(ofLayer: layer)
        let perNode = placement.deviceCount / nodes
        let groupSize = placement.expertCount / groups
        var served = [Double](repeating: 0, count: groups * nodes)
        for device in 0..<placement.deviceCount {
            for slot in placement.slots(ofDevice: device) {
                let expert = Int(row[row.startIndex + slot])
                if expert < 0 { continue }
                served[expert / groupSize * nodes + device / perNode] +=
                    loads.values[layer * placement.expertCount + expert] / Double(counts[expert])
            }
        }
        return served
    }

    /// For each group its node, every node with as many groups, so that homes serve the most. O(groups³).
    static func best(_ served: [Double], groups: Int, nodes: Int) -> [Int] {
        let perNode = groups / nodes
        let largest = served.max() ?? 0
        let groupOfPlace = Assignment.best(groups) { group, place in
            largest - served[group * nodes + place / perNode]
        }
        var homes = [Int](repeating: 0, count: groups)
        for (place, group) in groupOfPlace.enumerated() { homes[group] = place / perNode }
        return homes
    }
}
