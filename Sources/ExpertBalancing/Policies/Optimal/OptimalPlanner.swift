/// Plans one layer at a time for ``OptimalPolicy``, on scratch memory that all layers share.
struct OptimalPlanner: ~Copyable {
    private let experts: Int
    private let allowsDuplicates: Bool
    private let nodes: [NodePlanner]
    /// The planner of several nodes; nil for one node.
    private let hierarchy: HierarchyPlanner?
    /// DeepSeek's placement, which no plan may be worse than; nil if the devices are not equal.
    private let deepSeek: DeepSeekStart?
    /// The expert of each slot in the last plan.
    let slots: ScratchBuffer<Int32>

    init(policy: OptimalPolicy, experts: Int) {
        let world = policy.world
        let nodeCount = policy.groupCount == nil ? 1 : world.nodeCount
        let groups = policy.groupCount ?? 1
        self.experts = experts
        allowsDuplicates = policy.allowsDuplicates
        let devices = world.deviceCount / nodeCount
        nodes = (0..<nodeCount).map { node in
            NodePlanner(
                experts: experts / nodeCount, world: world, devices: node * devices..<(node + 1) * devices,
                allowsDuplicates: policy.allowsDuplicates, effort: policy.effort)
        }
        hierarchy =
            nodeCount > 1
            ? HierarchyPlanner(
                nodes: nodes, experts: experts, groups: groups, world: world,
                allowsDuplicates: policy.allowsDuplicates, effort: policy.effort)
            : nil
        deepSeek = DeepSeekStart(world: world, experts: experts, groups: groups, nodes: nodeCount)
        slots = ScratchBuffer(world.slotCount)
    }

    /// Whether a thorough plan differs from a quick one.
    var dependsOnEffort: Bool { hierarchy != nil || nodes.contains { $0.isPaired || $0.isSearched } }

    /// Plans one layer's loads into ``slots`` and returns the layer's certificate.
    mutating func plan(_ loads: UnsafeBufferPointer<Double>) -> LayerCertificate {
        var total = 0.0
        for expert in 0..<experts { total += loads[expert] }
        let mean = total / nodes.reduce(0) { $0 + $1.speed }
        var longest: Double
        let bound: Double
        // Replica counts alone decide the time of single and paired nodes, so their search needs no start.
        let needsStart = !nodes[0].isSingle && !nodes[0].isPaired
        if needsStart { deepSeek?.plan(loads) }
        for node in nodes { node.beginLayer() }
        if let hierarchy {
            (longest, bound) = hierarchy.plan(loads, from: deepSeek, into: slots.elements)
        } else {
            let node = nodes[0]
            for expert in 0..<experts { node.packing.weights[expert] = loads[expert] }
            bound = node.plan(outerBound: 0, from: needsStart ? deepSeek?.slots : nil, slots: slots.elements)
            longest = node.longestTime
        }
        if let deepSeek, longest > bound * (1 + ExactSearch.precision) {
            if !needsStart { deepSeek.plan(loads) }
            let time = deepSeek.longestTime(loads)
            if time < longest * (1 - 1e-12), allowsDuplicates || !deepSeek.hasDuplicates {
                _ = slots.elements.update(fromContentsOf: deepSeek.slots)
                longest = time
            }
        }
        return LayerCertificate(meanTime: mean, longestTime: longest, lowerBound: min(bound, longest))
    }
}
