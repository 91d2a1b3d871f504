/// The trade-off between balance and traffic between nodes. At one end is the hierarchical placement, which serves
/// every group's load on the group's home node. At the other end is the best placement that ignores nodes.
///
/// For each layer, a local search finds placements between both ends. A limit on the remote load is spent on the steps,
/// over all layers, with the largest gain per remote load.
public struct LocalityFrontier: Sendable {
    /// A placement on the frontier, by its remote share and balance.
    public struct Point: Hashable, Sendable {
        /// The fraction of the load that is served remotely; see ``Placement/remoteShare(_:groupCount:nodeCount:)``.
        public let remoteShare: Double
        /// The mean balance of the layers that have load.
        public let balance: Double
    }

    /// A point with the index of each layer's trade-off.
    private struct Selection {
        var point: Point
        var chosen: [Int]
    }

    /// The number of limits on the remote share, at equal distances, for which points are computed.
    private static let limitCount = 400

    /// The devices.
    public let world: DeviceWorld
    /// The points in order of remote share and balance, both ascending. The first point is the hierarchical placement.
    /// Every point is the best that ``placement(remoteShareAtMost:)`` finds for its remote share.
    public var points: [Point] { selections.map(\.point) }
    private var selections: [Selection]
    private let tradeOffs: [[LayerTradeOff]]
    private let expertCount: Int
    private let loadedLayers: [Int]
    /// The load of all layers, in the unit of the trade-offs' costs.
    private let total: Double

    /// Computes the frontier for `loads`. A device holds an expert twice only if `allowsDuplicates`; see
    /// ``OptimalPolicy/allowsDuplicates``.
    ///
    /// - Throws: ``BalancingError`` if the groups do not divide the experts, if the nodes do not divide the groups or
    ///   the devices, or if there are fewer slots than experts.
    /// - Complexity: O(layers × moves × slots × slots per device).
    public init(
        _ loads: ExpertLoads, world: DeviceWorld, groupCount: Int, allowsDuplicates: Bool = true
    ) throws(BalancingError) {
        try HomeNodes.check(
            groups: groupCount, nodes: world.nodeCount, experts: loads.expertCount, devices: world.deviceCount)
        self.world = world
        expertCount = loads.expertCount
        let near = try OptimalPolicy(
            world: world, groupCount: groupCount, allowsDuplicates: allowsDuplicates
        ).plan(loads)
        let far = try OptimalPolicy(world: world, allowsDuplicates: allowsDuplicates).plan(loads)
        var search = LocalitySearch(loads, world: world, groupCount: groupCount, near: near)
        tradeOffs = (0..<loads.layerCount).map { LayerTradeOff.hull(search.tradeOffs(ofLayer: $0, far: far)) }
        total = loads.values.reduce(0, +)
        loadedLayers = (0..<loads.layerCount).filter { loads.total(ofLayer: $0) > 0 }
        selections = []
        selections = allSelections()
    }

    /// Returns the selections that no other one exceeds, for limits at equal distances and for all steps in order.
    private func allSelections() -> [Selection] {
        let steps = LayerTradeOff.steps(tradeOffs)
        var cost = 0.0
        let inOrder = steps.map { step in
            cost += step.cost
            return cost
        }
        let limits = inOrder + (0..<Self.limitCount).map { cost * Double($0) / Double(Self.limitCount) }
        let found = limits.sorted().map { selection(steps, budget: $0) }
        var best: [Selection] = []
        for selection in found.sorted(by: { $0.point.remoteShare < $1.point.remoteShare }) {
            if let last = best.last {
                guard selection.point.balance > last.point.balance else { continue }
                if selection.point.remoteShare == last.point.remoteShare { best.removeLast() }
            }
            best.append(selection)
        }
        return best
    }

    private func selection(_ steps: [LayerTradeOff.Step], budget: Double) -> Selection {
        let chosen = LayerTradeOff.choose(steps, of: tradeOffs, budget: budget * (1 + 1e-12))
        let cost = chosen.indices.reduce(0) { $0 + tradeOffs[$1][chosen[$1]].cost }
        let balance = loadedLayers.reduce(0) { $0 + tradeOffs[$1][chosen[$1]].balance }
        return Selection(
            point: Point(
                remoteShare: cost / max(total, .leastNormalMagnitude),
                balance: loadedLayers.isEmpty ? 1 : balance / Double(loadedLayers.count)), chosen: chosen)
    }

    /// Returns the best placement of the frontier that serves at most a fraction `share` of the load remotely.
    public func placement(remoteShareAtMost share: Double) -> Placement {
        let own = selection(LayerTradeOff.steps(tradeOffs), budget: share * total)
        let point = selections.last { $0.point.remoteShare <= share * (1 + 1e-12) }
        let chosen = if let point, point.point.balance > own.point.balance { point.chosen } else { own.chosen }
        return Placement(
            checkedExperts: tradeOffs.indices.flatMap { tradeOffs[$0][chosen[$0]].slots }, expertCount: expertCount,
            deviceOffsets: world.deviceOffsets)
    }

    /// Returns at most `count` points at about equal distances, both ends included.
    public func samples(_ count: Int) -> [Point] {
        let points = points
        guard points.count > count, count > 1, let last = points.last else { return points }
        var result: [Point] = []
        var index = 0
        for sample in 0..<count - 1 {
            let wanted = last.remoteShare * Double(sample) / Double(count - 1)
            while points[index].remoteShare < wanted { index += 1 }
            if result.last != points[index] { result.append(points[index]) }
        }
        return result.last == last ? result : result + [last]
    }
}
