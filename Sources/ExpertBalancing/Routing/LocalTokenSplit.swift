/// How the tokens of one layer's experts are split over their replicas where it matters which node a token is on: the longest
/// time is the least possible, or nearly, and of all such splits this one sends the fewest tokens to other nodes.
public struct LocalTokenSplit: Hashable, Sendable {
    /// The tokens that each slot gets from each node: `nodes × slots`; an expert that a device holds twice is served by the
    /// first of its slots there.
    public let tokens: [Double]
    /// The time of the most loaded device: its tokens over its speed.
    public let longestTime: Double
    /// The part of all tokens that stay on their node.
    public let localShare: Double

    /// The split of a layer's loads.
    ///
    /// A flow of least cost from pairs of node and expert to devices, where only tokens that leave their node cost: as much
    /// as possible goes to replicas nearby, and what is left follows shortest paths that may push earlier tokens elsewhere.
    ///
    /// - Parameters:
    ///   - placement: Which expert lives where, on nodes of as many devices each, in order.
    ///   - layer: The layer.
    ///   - loads: The tokens of each node for each expert: `nodes × experts`.
    ///   - nodeCount: How many nodes there are.
    ///   - speeds: The speed of each device; all 1 where it is left out.
    ///   - slack: How much longer than the least possible the longest time may be, as a part of it: more keeps more tokens
    ///     on their node.
    /// - Throws: ``ExpertLoadsError`` or ``BalancingError`` where the parameters do not go together.
    /// - Complexity: O(paths × edges), edges being pairs of a node and a slot of an expert on several devices.
    public init(
        _ placement: Placement, layer: Int, loads: [Double], nodeCount: Int, speeds: [Double]? = nil, slack: Double = 0
    ) throws {
        let experts = placement.expertCount
        guard nodeCount > 0, placement.deviceCount.isMultiple(of: nodeCount), loads.count == nodeCount * experts else {
            throw BalancingError(
                "\(loads.count) loads of \(experts) experts on \(nodeCount) nodes of \(placement.deviceCount) devices: give "
                    + "a load for each node and expert, and nodes that divide the devices")
        }
        guard slack >= 0, slack.isFinite else { throw BalancingError("the slack is \(slack): give at least 0") }
        _ = try ExpertLoads(loads, expertCount: experts)
        var sums = [Double](repeating: 0, count: experts)
        for (index, load) in loads.enumerated() { sums[index % experts] += load }
        let least = try TokenSplit(placement, layer: layer, loads: sums, speeds: speeds).longestTime
        let speeds = speeds ?? [Double](repeating: 1, count: placement.deviceCount)
        var flow = LocalReplicaFlow(placement, layer: layer, loads: loads, nodeCount: nodeCount)
        flow.solve(capacity: speeds.map { least * (1 + slack) * $0 })
        tokens = flow.tokens(slotCount: placement.slotCount)
        let total = sums.reduce(0, +)
        localShare = total > 0 ? min(1, flow.localTokens / total) : 1
        longestTime = zip(flow.deviceLoads, speeds).reduce(0) { max($0, $1.0 / $1.1) }
    }
}
