import Algorithms

/// The assignments of groups of experts to nodes, with a lower bound on the time of each node for each set of groups.
///
/// Every node holds the same number of groups. Nodes with the same devices form a class and have the same bounds.
struct GroupAssignments {
    /// The class of each node, numbered from 0 without gaps.
    let classOfNode: [Int]
    /// The sets of groups that a node may hold, as ascending groups.
    let sets: [[Int]]
    /// The index of each set.
    let indexOfSet: [[Int]: Int]
    /// The lower bounds: `classes × sets`.
    var bounds: [[Double]]

    private let masks: [UInt64]
    private let allGroups: UInt64

    /// Lists the sets; nil if there are more than `limit`.
    init?(groups: Int, classOfNode: [Int], limit: Int) {
        let size = groups / classOfNode.count
        guard groups <= 64 else { return nil }
        var count = 1.0
        for index in 0..<size { count *= Double(groups - index) / Double(index + 1) }
        guard count <= Double(limit) + 0.5 else { return nil }
        self.classOfNode = classOfNode
        sets = (0..<groups).combinations(ofCount: size).map { $0 }
        indexOfSet = Dictionary(uniqueKeysWithValues: sets.enumerated().map { ($0.element, $0.offset) })
        masks = sets.map { $0.reduce(0) { $0 | 1 << UInt64($1) } }
        allGroups = groups == 64 ? .max : 1 << UInt64(groups) - 1
        bounds = [[Double]](
            repeating: [Double](repeating: 0, count: sets.count), count: (classOfNode.max() ?? 0) + 1)
    }

    /// An assignment: the index of each node's set, and the largest of the nodes' bounds.
    struct Assignment {
        var sets: [Int]
        var bound: Double
    }

    /// Returns the assignment whose largest bound is the least; nil if all largest bounds are at least `limit`.
    ///
    /// - Parameter steps: The permitted steps, reduced by those that the search takes. If none is left, the result may
    ///   not be the best assignment.
    func best(below limit: Double, steps: inout Int) -> Assignment? {
        let nodes = classOfNode.count
        // Only sets below the limit matter.
        let useful = bounds.map { row in sets.indices.filter { row[$0] < limit } }
        var best: Assignment?
        var bar = limit
        var chosen = [Int](repeating: 0, count: nodes)
        func visit(_ node: Int, _ left: UInt64, _ largest: Double) {
            guard node < nodes else {
                best = Assignment(sets: chosen, bound: largest)
                bar = largest
                return
            }
            let row = bounds[classOfNode[node]]
            let previous = classOfNode[..<node].lastIndex(of: classOfNode[node]).map { masks[chosen[$0]] } ?? 0
            // Equal nodes are in order of their first groups. If all nodes are equal, the first group is known.
            let first = bounds.count == 1 ? left & (~left + 1) : 0
            for set in useful[classOfNode[node]] {
                let mask = masks[set]
                guard mask & ~left == 0, mask & first == first, row[set] < bar,
                    mask.trailingZeroBitCount > previous.trailingZeroBitCount || previous == 0
                else { continue }
                steps -= 1
                if steps <= 0 { return }
                chosen[node] = set
                visit(node + 1, left & ~mask, max(largest, row[set]))
            }
        }
        visit(0, allGroups, 0)
        return best
    }
}
