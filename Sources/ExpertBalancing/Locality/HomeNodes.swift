/// Assigns a home node to each group of experts.
enum HomeNodes {
    /// Throws an error unless the groups divide the experts, and the nodes divide the groups and the devices.
    static func check(groups: Int, nodes: Int, experts: Int, devices: Int) throws(BalancingError) {
        guard nodes > 0, groups > 0, groups.isMultiple(of: nodes), experts.isMultiple(of: groups) else {
            throw BalancingError(
                "\(experts.counted("expert")) in \(groups.counted("group")) on \(nodes.counted("node")): give a number of "
                    + "groups that divides the experts and is a multiple of the nodes")
        }
        guard devices.isMultiple(of: nodes) else {
            throw BalancingError(
                "\(devices.counted("device")) cannot be divided equally among \(nodes.counted("node")): give a multiple of "
                    + "the nodes")
        }
    }

    /// Returns the load of each group that each node serves: `groups × nodes`.
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

    /// Returns the home node of each group. Each node is home to the same number of groups, and home nodes serve the
    /// most load in total. O(groups³).
    static func assigned(_ served: [Double], groups: Int, nodes: Int) -> [Int] {
        let perNode = groups / nodes
        let largest = served.max() ?? 0
        let groupOfColumn = Assignment.best(groups) { group, column in
            largest - served[group * nodes + column / perNode]
        }
        var homes = [Int](repeating: 0, count: groups)
        for (column, group) in groupOfColumn.enumerated() { homes[group] = column / perNode }
        return homes
    }
}
