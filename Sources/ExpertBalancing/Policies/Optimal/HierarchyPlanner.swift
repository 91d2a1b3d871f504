/// Assigns groups of experts to nodes and plans each node.
///
/// The first assignment balances the nodes' loads. If the longest time exceeds the bound, other assignments are
/// examined in the order of their bounds: first by the nodes' loads, then by the bounds of the nodes' sets of groups,
/// then by plans of these nodes. The least bound of all assignments bounds the longest time of every placement.
final class HierarchyPlanner {
    let nodes: [NodePlanner]
    let groups: Int
    let groupSize: Int
    let effort: OptimalPolicy.Effort
    let allowsDuplicates: Bool
    /// The packing of groups onto nodes.
    private let groupPacking: LayerPacking
    /// The search of all packings of groups onto nodes. Empty if there are too many.
    private var groupSearch: ExactSearch
    private let groupBudget: ExactSearch.Budget
    /// The planner of all experts on all devices, used only for bounds.
    private let wholeWorld: NodePlanner
    /// The first node of each class of equal nodes, and the class of each node.
    let classes: [NodePlanner]
    let classOfNode: [Int]
    /// The assignments; nil if there are too many sets of groups.
    private(set) var assignments: GroupAssignments?

    /// A plan of one node.
    struct NodePlan {
        /// The groups of the node, ascending.
        var groups: [Int]
        /// The expert of each of the node's slots, as an index of the groups' experts.
        var slots: [Int32]
        var longestTime: Double
        var bound: Double
    }

    init(
        nodes: [NodePlanner], experts: Int, groups: Int, world: DeviceWorld, allowsDuplicates: Bool,
        effort: OptimalPolicy.Effort
    ) {
        self.nodes = nodes
        self.groups = groups
        self.effort = effort
        self.allowsDuplicates = allowsDuplicates
        groupSize = experts / groups
        let groupsPerNode = [Int](repeating: groups / nodes.count, count: nodes.count)[...]
        let speeds = nodes.map(\.speed)[...]
        groupPacking = LayerPacking(experts: groups, slotsPerDevice: groupsPerNode, speeds: speeds)
        groupBudget = ExactSearch.budget(experts: groups, slotsPerDevice: groupsPerNode, effort: .quick)
        groupSearch = ExactSearch(
            experts: groupBudget.isExhaustive ? groups : 0, slotsPerDevice: groupsPerNode, speeds: speeds)
        wholeWorld = NodePlanner(
            experts: experts, world: world, devices: 0..<world.deviceCount, allowsDuplicates: allowsDuplicates,
            effort: effort)
        var classes: [NodePlanner] = []
        var classOfNode: [Int] = []
        for node in nodes {
            let index = classes.firstIndex { $0.isEqual(to: node) } ?? classes.count
            if index == classes.count { classes.append(node) }
            classOfNode.append(index)
        }
        self.classes = classes
        self.classOfNode = classOfNode
        assignments = GroupAssignments(
            groups: groups, classOfNode: classOfNode, limit: effort == .quick ? 512 : 4096)
    }

    /// Whether all placements of a node can be searched.
    var isSmall: Bool { nodes.contains { $0.isSmall } }

    /// The factor over the bound above which other assignments are examined.
    private var tolerance: Double {
        isSmall ? 1 + ExactSearch.precision : effort == .quick ? 1.002 : 1.0005
    }

    /// Plans one layer's loads into `slots`. Returns the longest time and a lower bound on it.
    func plan(
        _ loads: UnsafeBufferPointer<Double>, from start: DeepSeekStart?, into slots: UnsafeMutableBufferPointer<Int32>
    ) -> (longestTime: Double, bound: Double) {
        var (assignment, bound) = balanceGroups(loads)
        let starts = startingSlots(of: assignment, from: start)
        var plans = nodes.indices.map {
            plan(nodes[$0], assignment[$0], loads, outerBound: bound, from: starts[$0])
        }
        if Self.longestTime(plans) > bound * tolerance {
            var search = AssignmentSearch(planner: self, loads: loads, plans: plans, bound: bound)
            search.run(tolerance: tolerance)
            plans = search.plans
            bound = search.bound
        }
        for (node, plan) in zip(nodes, plans) {
            let experts = self.experts(of: plan.groups)
            for (index, expert) in plan.slots.enumerated() { slots[node.firstSlot + index] = experts[Int(expert)] }
        }
        return (Self.longestTime(plans), bound)
    }

    /// Returns the experts of groups in order.
    private func experts(of groups: [Int]) -> [Int32] {
        groups.flatMap { Int32($0 * groupSize)..<Int32(($0 + 1) * groupSize) }
    }

    /// Returns DeepSeek's slots of each node, as indices of the node's experts; nil for nodes without slots to start from.
    private func startingSlots(of assignment: [[Int]], from start: DeepSeekStart?) -> [[Int32]?] {
        var result = [[Int32]?](repeating: nil, count: nodes.count)
        guard let start, !nodes[0].isSingle, !nodes[0].isPaired else { return result }
        var indices = [Int32](repeating: 0, count: groups * groupSize)
        var nodeOfExpert = indices
        for (node, groups) in assignment.enumerated() {
            for (index, expert) in experts(of: groups).enumerated() {
                indices[Int(expert)] = Int32(truncatingIfNeeded: index)
                nodeOfExpert[Int(expert)] = Int32(truncatingIfNeeded: node)
            }
        }
        let slotsPerNode = nodes[0].packing.slotCount
        for node in nodes.indices {
            if let own = start.node(node, slotsPerNode: slotsPerNode, liesIn: nodeOfExpert) {
                result[own] = start.slots(ofNode: node, slotsPerNode: slotsPerNode, indices: indices)
            }
        }
        return result
    }

    /// Returns the longest time of any node.
    static func longestTime(_ plans: [NodePlan]) -> Double { plans.reduce(0) { max($0, $1.longestTime) } }

    /// Plans a node that holds `groups`.
    func plan(
        _ node: NodePlanner, _ groups: [Int], _ loads: UnsafeBufferPointer<Double>, outerBound: Double,
        from start: [Int32]? = nil
    ) -> NodePlan {
        setWeights(of: node, groups, loads)
        var bound = 0.0
        let slots = [Int32](unsafeUninitializedCapacity: node.packing.slotCount) { buffer, count in
            bound = node.plan(
                outerBound: outerBound, from: start,
                slots: UnsafeMutableBufferPointer(rebasing: buffer[..<node.packing.slotCount]))
            count = node.packing.slotCount
        }
        return NodePlan(groups: groups, slots: slots, longestTime: node.longestTime, bound: bound)
    }

    /// Returns a lower bound on the longest time of a node that holds `groups`.
    func bound(_ node: NodePlanner, _ groups: [Int], _ loads: UnsafeBufferPointer<Double>) -> Double {
        setWeights(of: node, groups, loads)
        return node.packing.lowerBound(allowsDuplicates: allowsDuplicates)
    }

    /// Returns a lower bound on the longest time if any expert may be on any node.
    func boundWithoutGroups(_ loads: UnsafeBufferPointer<Double>) -> Double {
        for expert in loads.indices { wholeWorld.packing.weights[expert] = loads[expert] }
        // Only here can a plan prove more than the packing's own bound.
        guard wholeWorld.isPaired || wholeWorld.isSmall else {
            return wholeWorld.packing.lowerBound(allowsDuplicates: allowsDuplicates)
        }
        wholeWorld.beginLayer()
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: wholeWorld.packing.slotCount) { slots in
            wholeWorld.plan(outerBound: 0, from: nil, slots: slots)
        }
    }

    /// Returns the load of each group.
    func loadsOfGroups(_ loads: UnsafeBufferPointer<Double>) -> [Double] {
        (0..<groups).map { loads[$0 * groupSize..<($0 + 1) * groupSize].reduce(0, +) }
    }

    private func setWeights(of node: NodePlanner, _ groups: [Int], _ loads: UnsafeBufferPointer<Double>) {
        var next = 0
        for group in groups {
            for expert in group * groupSize..<(group + 1) * groupSize {
                node.packing.weights[next] = loads[expert]
                next += 1
            }
        }
    }

    /// Assigns groups to nodes so that the largest load of a node is small. Returns each node's groups and a lower bound
    /// on the longest time.
    private func balanceGroups(_ loads: UnsafeBufferPointer<Double>) -> (assignment: [[Int]], bound: Double) {
        for (group, load) in loadsOfGroups(loads).enumerated() { groupPacking.weights[group] = load }
        let bound = groupPacking.lowerBound()
        groupPacking.fillReplicas()
        groupPacking.listItems()
        groupPacking.pack()
        groupPacking.exchange(target: bound, limit: 64 * groups)
        let assignment = assignment { Int(groupPacking.itemExpert[Int(groupPacking.slots[$0])]) }
        // With two groups per node and equal nodes, the pairing of heaviest and lightest is optimal, so its time is a
        // bound.
        let isExact = groups / nodes.count <= 2 && nodes.allSatisfy { $0.speed == nodes[0].speed }
        return (assignment, isExact ? max(bound, groupPacking.longestTime()) : bound)
    }

    /// Returns an assignment with less load on the fullest node than the layer's first assignment, and a lower bound on
    /// the longest time. If there are too many assignments, the result is nil and 0.
    func betterBalanced(_ loads: UnsafeBufferPointer<Double>) -> (assignment: [[Int]]?, bound: Double) {
        guard groupBudget.isExhaustive else { return (nil, 0) }
        loadsOfGroups(loads).withUnsafeBufferPointer { groupSearch.begin($0) }
        let limit = groupPacking.longestTime() * (1 - ExactSearch.precision)
        let outcome = groupSearch.search(limit: limit, target: 0, steps: groupBudget.steps)
        let bound = outcome == .unfinished ? 0 : min(limit, groupSearch.longestTime) * (1 - ExactSearch.precision)
        guard groupSearch.longestTime < limit else { return (nil, bound) }
        let slots = [Int32](unsafeUninitializedCapacity: groups) { buffer, count in
            groupSearch.write(buffer)
            count = groups
        }
        return (assignment { Int(slots[$0]) }, bound)
    }

    /// Returns each node's groups, ascending, if `groupAt` returns the group at each position.
    private func assignment(_ groupAt: (Int) -> Int) -> [[Int]] {
        let perNode = groups / nodes.count
        return nodes.indices.map { node in (node * perNode..<(node + 1) * perNode).map(groupAt).sorted() }
    }
}
