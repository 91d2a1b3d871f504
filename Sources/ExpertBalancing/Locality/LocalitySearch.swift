/// A local search of one layer's placements that starts from a hierarchical placement. All layers share its memory.
///
/// The search aims at a series of rising balances. Each move is the one that removes the most excess time per load that
/// becomes remote.
struct LocalitySearch: ~Copyable {
    /// The balances that the search aims at, between 0 for the first placement's balance and 1 for the goal.
    private static let ladder: [Double] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.87, 0.92, 0.95, 0.97, 0.985, 1]

    private let loads: ExpertLoads
    private let world: DeviceWorld
    private let groups: Int
    /// The hierarchical plan.
    private let near: CertifiedPlan
    private var search: LayerLocalSearch

    init(_ loads: ExpertLoads, world: DeviceWorld, groupCount: Int, near: CertifiedPlan) {
        self.loads = loads
        self.world = world
        groups = groupCount
        self.near = near
        search = LayerLocalSearch(
            experts: loads.expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
    }

    /// Returns the best placement of a layer that the search finds without remote load.
    ///
    /// - Complexity: O(moves × slots × slots per device + groups³).
    mutating func placementAtHome(ofLayer layer: Int) -> LayerTradeOff {
        let certificate = near.certificates[layer]
        var best = LayerTradeOff(
            cost: 0, balance: certificate.balance, slots: Array(near.placement.experts(ofLayer: layer)))
        guard certificate.gap > ExactSearch.precision else { return best }
        begin(layer, best.slots)
        climb(from: best.balance, to: certificate.balanceBound, mean: certificate.meanTime, remoteLoad: 0) {
            if $0.balance > best.balance { best = $0 }
        }
        return best
    }

    /// Returns placements of a layer between the best one without remote load and that of `far`, with their remote loads.
    ///
    /// - Complexity: O(moves × slots × slots per device + groups³).
    mutating func tradeOffs(ofLayer layer: Int, far: CertifiedPlan) -> [LayerTradeOff] {
        let start = placementAtHome(ofLayer: layer)
        let goal = far.certificates[layer]
        var result = [start]
        guard goal.balance > start.balance else { return result }
        begin(layer, start.slots)
        climb(from: start.balance, to: goal.balance, mean: goal.meanTime, remoteLoad: .infinity) { result.append($0) }
        result.append(
            LayerTradeOff(
                cost: remoteLoad(far, layer), balance: goal.balance,
                slots: Array(far.placement.experts(ofLayer: layer))))
        return result
    }

    private mutating func begin(_ layer: Int, _ slots: [Int32]) {
        search.begin(slots.span, loads: Array(loads[layer: layer]).span)
        let homes = homes(served(near, layer))
        let groupSize = loads.expertCount / groups
        search.setHomeNodes((0..<loads.expertCount).map { homes[$0 / groupSize] }, nodeCount: world.nodeCount)
    }

    /// Searches for each balance of the ladder, and gives each placement to `visit`.
    private mutating func climb(
        from start: Double, to goal: Double, mean: Double, remoteLoad: Double, _ visit: (LayerTradeOff) -> Void
    ) {
        for part in Self.ladder {
            search.search(
                target: mean / (start + (goal - start) * part), mean: mean, limit: remoteLoad / mean)
            guard search.longestTime > 0 else { return }
            visit(
                LayerTradeOff(
                    cost: max(0, search.cost * mean), balance: mean / search.longestTime, slots: search.slots))
        }
    }

    private func remoteLoad(_ plan: CertifiedPlan, _ layer: Int) -> Double {
        let served = served(plan, layer)
        let homes = homes(served)
        return loads.total(ofLayer: layer) - (0..<groups).reduce(0) { $0 + served[$1 * world.nodeCount + homes[$1]] }
    }

    private func homes(_ served: [Double]) -> [Int] {
        HomeNodes.assigned(served, groups: groups, nodes: world.nodeCount)
    }

    private func served(_ plan: CertifiedPlan, _ layer: Int) -> [Double] {
        HomeNodes.servedLoad(plan.placement, layer: layer, loads, groups: groups, nodes: world.nodeCount)
    }
}
