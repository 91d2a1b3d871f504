/// The home node of each group of experts: the node that serves the most of its load.
enum HomeNodes {
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

    /// The load that each node serves of each group: `groups × nodes`.
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

    /// The home node of each group, so that home nodes serve the most; each node is home to as many groups. O(groups³).
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
