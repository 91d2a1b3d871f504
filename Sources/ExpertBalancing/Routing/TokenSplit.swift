/// The split of the tokens of one layer's experts among replicas with the least possible longest time.
public struct TokenSplit: Hashable, Sendable {
    /// The tokens that each slot receives. If a device holds an expert twice, the first of the two slots receives the
    /// tokens.
    public let tokensOfSlot: [Double]
    /// The longest time of any device. A device's time is its tokens divided by its speed.
    public let longestTime: Double

    /// Splits the loads of a layer.
    ///
    /// The linear program "minimize T so that no device gets more than T times its speed" is a flow from experts to
    /// devices. T starts at the larger of the mean time and the longest time that experts held by a single device
    /// cause. If the flow cannot carry all tokens, a minimum cut names a set of experts and the only devices that hold
    /// them; their load divided by these devices' speed is the next T. This is Newton's method on cuts, and it is exact
    /// after finitely many cuts. Only experts on several devices take part.
    ///
    /// - Parameters:
    ///   - placement: The placement.
    ///   - layer: The layer.
    ///   - loads: The tokens of each of the layer's experts.
    ///   - speeds: The speed of each device; nil if all speeds are 1.
    ///   - isWhole: Whether slots receive whole tokens. The loads must then be whole, and the longest time is the least
    ///     that whole tokens allow.
    /// - Throws: ``ExpertLoadsError`` or ``BalancingError`` if the parameters do not match the placement or are out of
    ///   range.
    /// - Complexity: O(slots + cuts × paths × edges). Edges are the slots of experts on several devices.
    public init(
        _ placement: Placement, layer: Int, loads: [Double], speeds: [Double]? = nil, isWhole: Bool = false
    ) throws {
        guard try ExpertLoads(loads, expertCount: placement.expertCount).layerCount == 1,
            (0..<placement.layerCount).contains(layer)
        else {
            throw BalancingError(
                "\(loads.count.counted("load")) for layer \(layer): give \(placement.expertCount.counted("load")) and a layer "
                    + "from 0 to \(placement.layerCount - 1)")
        }
        let speeds = speeds ?? [Double](repeating: 1, count: placement.deviceCount)
        guard speeds.count == placement.deviceCount, speeds.allSatisfy({ $0 >= 1e-6 && $0 <= 1e6 }) else {
            throw BalancingError(
                "the speeds are not valid: give \(placement.deviceCount.counted("number")) from 0.000001 to 1000000")
        }
        if isWhole, let load = loads.first(where: { $0 != $0.rounded() || $0 > 1e15 }) {
            throw BalancingError("\(load) is not a whole number of tokens: give counts, or ask for parts of tokens")
        }
        var flow = ReplicaFlow(placement, layer: layer, loads: loads, speeds: speeds)
        longestTime = flow.solve(isWhole: isWhole)
        tokensOfSlot = flow.tokensOfSlot(slotCount: placement.slotCount)
    }
}
