/// A split of the tokens of one layer's experts among replicas that keeps tokens on their node.
///
/// Of all splits whose longest time exceeds the least possible by at most a given slack, this split sends the fewest
/// tokens to other nodes.
public struct LocalTokenSplit: Hashable, Sendable {
    /// The tokens that each slot receives from each node: `nodes × slots`. If a device holds an expert twice, the first
    /// of the two slots receives the tokens.
    public let tokens: [Double]
    /// The longest time of any device. A device's time is its tokens divided by its speed.
    public let longestTime: Double
    /// The fraction of all tokens that stay on their node.
    public let localShare: Double

    /// Splits the loads of a layer.
    ///
    /// The split is a flow of least cost from pairs of a node and an expert to devices. Only tokens that leave their
    /// node have a cost. First, as many tokens as possible go to replicas on their node. The remaining tokens follow
    /// cheapest paths, which may move earlier tokens to other devices.
    ///
    /// - Parameters:
    ///   - placement: The placement. Each node has the same number of consecutive devices.
    ///   - layer: The layer.
    ///   - loads: The tokens of each node for each expert: `nodes × experts`.
    ///   - nodeCount: The number of nodes.
    ///   - speeds: The speed of each device; nil if all speeds are 1.
    ///   - slack: The allowed increase of the longest time, as a fraction of the least possible. A larger slack keeps
    ///     more tokens on their node.
    /// - Throws: ``ExpertLoadsError`` or ``BalancingError`` if the parameters do not match the placement or are out of
    ///   range.
    /// - Complexity: O(paths × edges). Edges are pairs of a node and a slot of an expert on several devices.
    public init(
        _ placement: Placement, layer: Int, loads: [Double], nodeCount: Int, speeds: [Double]? = nil, slack: Double = 0
    ) throws {
        let experts = placement.expertCount
        guard nodeCount > 0, placement.deviceCount.isMultiple(of: nodeCount), loads.count == nodeCount * experts else {
            throw BalancingError(
                "\(loads.count.counted("load")) of \(experts.counted("expert")) on \(nodeCount.counted("node")) of "
                    + "\(placement.deviceCount.counted("device")): give a load for each node and expert, and a number of "
                    + "nodes that divides the devices")
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
