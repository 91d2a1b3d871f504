/// Plans one layer at a time for ``OptimalPolicy``, on scratch memory that all layers share.
struct OptimalPlanner: ~Copyable {
    /// The planner of one node's devices.
    private final class Node {
        let packing: LayerPacking
        private var localSearch: LayerLocalSearch
        private let isPaired: Bool
        /// Empty unless every device has two slots.
        private var paired: PairedCounts
        private(set) var longestTime = 0.0
        let firstSlot: Int
        let speed: Double

        init(experts: Int, world: DeviceWorld, devices: Range<Int>) {
            let slotsPerDevice = world.slotsPerDevice[devices]
            let speeds = world.speeds[devices]
            packing = LayerPacking(experts: experts, slotsPerDevice: slotsPerDevice, speeds: speeds)
            localSearch = LayerLocalSearch(experts: experts, slotsPerDevice: slotsPerDevice, speeds: speeds)
            isPaired = packing.isPaired
            paired = PairedCounts(experts: isPaired ? experts : 0, devices: isPaired ? packing.slotCount / 2 : 0)
            firstSlot = world.slotsPerDevice[..<devices.lowerBound].reduce(0, +)
            speed = zip(slotsPerDevice, speeds).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        }

        /// Packs the layer's loads into `slots`, as indices of the node's experts.
        ///
        /// - Parameters:
        ///   - outerBound: A time at which the node may stop, because another node takes at least this long.
        ///   - mean: The node's load divided by its speed.
        ///   - effort: The time that the plan may take.
        ///   - slots: The memory for the expert of each of the node's slots.
        /// - Returns: A lower bound on the longest time of the node's devices.
        func plan(
            outerBound: Double, mean: Double, effort: OptimalPolicy.Effort, slots: UnsafeMutableBufferPointer<Int32>
        ) -> Double {
            var bound = packing.lowerBound()
            var target = max(bound, outerBound)
            if isPaired, bound > 0 {
                bound = packing.improvePaired(&paired, bound: bound, effort: effort)
                target = max(bound, outerBound)
            } else {
                packing.improve(target: target)
            }
            packing.write(slots)
            longestTime = packing.longestTime()
            guard longestTime > target * OptimalPlanner.localSearchTolerance, target > 0, !packing.allowsDuplicates,
                !isPaired
            else { return bound }
            // The local search counts the excess of all devices, so it can leave a local optimum of the exchanges.
            localSearch.begin(
                UnsafeBufferPointer(slots).span, loads: UnsafeBufferPointer(packing.weights.elements).span)
            localSearch.search(target: target, mean: mean, limit: .infinity)
            if localSearch.longestTime < longestTime {
                _ = slots.update(fromContentsOf: localSearch.expertAt.elements)
                longestTime = localSearch.longestTime
            }
            return bound
        }
    }

    /// The factor over the target above which the local search runs.
    private static let localSearchTolerance = 1.004

    private let experts: Int
    private let groups: Int
    private let effort: OptimalPolicy.Effort
    private let nodes: [Node]
    /// The packing of groups onto nodes, used only for several nodes.
    private let groupPacking: LayerPacking
    /// The packing of all experts onto all devices, used only for the bound of several nodes.
    private let wholeWorld: LayerPacking
    /// The experts, node after node.
    private var expertAt: [Int32]
    /// The expert of each slot in the last plan.
    let slots: ScratchBuffer<Int32>

    init(world: DeviceWorld, experts: Int, groups: Int, nodes nodeCount: Int, effort: OptimalPolicy.Effort) {
        self.effort = effort
        self.experts = experts
        self.groups = groups
        let devicesPerNode = world.deviceCount / nodeCount
        nodes = (0..<nodeCount).map { node in
            Node(
                experts: experts / nodeCount, world: world,
                devices: node * devicesPerNode..<(node + 1) * devicesPerNode)
        }
        groupPacking = LayerPacking(
            experts: groups, slotsPerDevice: [Int](repeating: groups / nodeCount, count: nodeCount)[...],
            speeds: nodes.map(\.speed)[...])
        wholeWorld = LayerPacking(
            experts: experts, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        expertAt = Array(0..<Int32(experts))
        slots = ScratchBuffer(world.slotCount)
    }

    /// Plans one layer's loads into ``slots`` and returns the layer's certificate.
    mutating func plan(_ loads: UnsafeBufferPointer<Double>) -> LayerCertificate {
        var bound = placeGroups(loads)
        let expertsPerNode = experts / nodes.count
        var total = 0.0
        var speed = 0.0
        var longest = 0.0
        for (index, node) in nodes.enumerated() {
            var load = 0.0
            for expert in 0..<expertsPerNode {
                let weight = loads[Int(expertAt[index * expertsPerNode + expert])]
                node.packing.weights[expert] = weight
                load += weight
            }
            total += load
            speed += node.speed
            // A node with less load than the heaviest may stop early.
            let nodeSlots = UnsafeMutableBufferPointer(
                rebasing: slots.elements[node.firstSlot..<node.firstSlot + node.packing.slotCount])
            let nodeBound = node.plan(outerBound: bound, mean: load / node.speed, effort: effort, slots: nodeSlots)
            if nodes.count == 1 { bound = nodeBound }
            longest = max(longest, node.longestTime)
            if nodes.count > 1 {
                for slot in nodeSlots.indices {
                    nodeSlots[slot] = expertAt[index * expertsPerNode + Int(nodeSlots[slot])]
                }
            }
        }
        return LayerCertificate(meanTime: total / speed, longestTime: longest, lowerBound: min(bound, longest))
    }

    /// Assigns groups to nodes so that the largest load of a node is small. Returns a lower bound on the longest time,
    /// or 0 if there is one node.
    private mutating func placeGroups(_ loads: UnsafeBufferPointer<Double>) -> Double {
        guard nodes.count > 1 else { return 0 }
        let size = experts / groups
        for group in 0..<groups {
            var sum = 0.0
            for expert in group * size..<(group + 1) * size { sum += loads[expert] }
            groupPacking.weights[group] = sum
        }
        let bound = groupPacking.lowerBound()
        groupPacking.fillReplicas()
        groupPacking.listItems()
        groupPacking.pack()
        groupPacking.exchange(target: bound, limit: 64 * groups)
        var next = 0
        let groupsPerNode = groups / nodes.count
        for node in 0..<nodes.count {
            for slot in node * groupsPerNode..<(node + 1) * groupsPerNode {
                let group = Int(groupPacking.itemExpert[Int(groupPacking.slots[slot])])
                for expert in group * size..<(group + 1) * size {
                    expertAt[next] = Int32(truncatingIfNeeded: expert)
                    next += 1
                }
            }
        }
        for expert in 0..<experts { wholeWorld.weights[expert] = loads[expert] }
        // With two groups per node and equal nodes, the pairing of heaviest and lightest is optimal, so its time is a
        // bound.
        let isExact = groupsPerNode <= 2 && nodes.allSatisfy { $0.speed == nodes[0].speed }
        return max(isExact ? groupPacking.longestTime() : bound, wholeWorld.lowerBound())
    }
}
