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

    /// The index of each node's set.
    typealias Assignment = [Int]

    /// Returns the assignment whose largest bound is the least, and a lower bound on the largest bound of all
    /// assignments. The assignment is nil if all largest bounds are at least `limit`, or if the steps are used up before
    /// one is found.
    ///
    /// Bisection over the bounds of all sets finds the least bound for which sets of at most this bound hold all groups.
    ///
    /// - Parameter steps: The permitted steps, reduced by those that the search takes.
    func best(below limit: Double, steps: inout Int) -> (assignment: Assignment?, bound: Double) {
        let values = Set(bounds.joined().filter { $0 < limit }).sorted()
        var low = 0
        var high = values.count
        var best: Assignment?
        while low < high, steps > 0 {
            let middle = best == nil ? high - 1 : (low + high) / 2
            if let assignment = assignment(within: values[middle], steps: &steps) {
                best = assignment
                let largest = zip(classOfNode, assignment).reduce(0) { max($0, bounds[$1.0][$1.1]) }
                high = values.partitioningIndex { $0 >= largest }
            } else if steps > 0 {
                low = middle + 1
            }
        }
        return (best, low < values.count ? values[low] : limit)
    }

    /// Returns an assignment of sets whose bounds are at most `limit`; nil if there is none, or if the steps are used up.
    private func assignment(within limit: Double, steps: inout Int) -> Assignment? {
        let nodes = classOfNode.count
        // Equal nodes are in order of their first groups. If all nodes are equal, the first group of each is known.
        let areEqual = bounds.count == 1
        var candidates = [[Int]](repeating: [], count: areEqual ? 64 : bounds.count)
        for (index, row) in bounds.enumerated() {
            for set in sets.indices where row[set] <= limit { candidates[areEqual ? sets[set][0] : index].append(set) }
        }
        var chosen = [Int](repeating: 0, count: nodes)
        func visit(_ node: Int, _ left: UInt64) -> Bool {
            guard node < nodes else { return true }
            let previous = classOfNode[..<node].lastIndex(of: classOfNode[node]).map { sets[chosen[$0]][0] } ?? -1
            for set in candidates[areEqual ? left.trailingZeroBitCount : classOfNode[node]] {
                steps -= 1
                if steps <= 0 { return false }
                guard masks[set] & ~left == 0, sets[set][0] > previous else { continue }
                chosen[node] = set
                if visit(node + 1, left & ~masks[set]) { return true }
            }
            return false
        }
        return visit(0, allGroups) ? chosen : nil
    }
}
