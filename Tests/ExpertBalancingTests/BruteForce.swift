/// An exhaustive search of the placements of one small layer, independent of the library.
struct BruteForce {
    var slotsPerDevice: [Int]
    var speeds: [Double]?
    var nodes = 1
    /// The number of groups, each of which stays on one node; nil if any expert may be on any node.
    var groups: Int?
    var allowsDuplicates = true

    /// Returns the least longest time of all placements, and the number of placements that leave no slot empty.
    func optimum(_ loads: [Double]) -> (time: Double, placements: Int) {
        let experts = loads.count
        var best = Double.infinity
        var placements = 0
        var devices: [[Int]] = []

        func sets(_ size: Int, from first: Int = 0) -> [[Int]] {
            if size == 0 { return [[]] }
            return (first..<experts).flatMap { expert in
                sets(size - 1, from: expert + (allowsDuplicates ? 0 : 1)).map { [expert] + $0 }
            }
        }
        let setsOfSize = Dictionary(uniqueKeysWithValues: Set(slotsPerDevice).map { ($0, sets($0)) })
        func visit() {
            guard devices.count == slotsPerDevice.count else {
                for set in setsOfSize[slotsPerDevice[devices.count]] ?? [] {
                    devices.append(set)
                    visit()
                    devices.removeLast()
                }
                return
            }
            var counts = [Int](repeating: 0, count: experts)
            for expert in devices.joined() { counts[expert] += 1 }
            guard !counts.contains(0), keepsGroups(devices, experts) else { return }
            placements += 1
            let times = devices.enumerated().map { index, set in
                set.reduce(0) { $0 + loads[$1] / Double(counts[$1]) } / (speeds?[index] ?? 1)
            }
            best = min(best, times.max() ?? 0)
        }
        visit()
        return (best, placements)
    }

    /// Whether every group is on one node, and every node has the same number of groups.
    private func keepsGroups(_ devices: [[Int]], _ experts: Int) -> Bool {
        guard let groups else { return true }
        var groupsOfNode = [Set<Int>](repeating: [], count: nodes)
        for (device, set) in devices.enumerated() {
            for expert in set { groupsOfNode[device * nodes / devices.count].insert(expert / (experts / groups)) }
        }
        return groupsOfNode.allSatisfy { $0.count == groups / nodes }
    }
}
