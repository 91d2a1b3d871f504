/// How the tokens of one layer's experts are split over their replicas so that the longest time is the least possible.
public struct TokenSplit: Hashable, Sendable {
    /// The tokens that each slot gets; an expert that a device holds twice is served by the first of its slots there.
    public let tokensOfSlot: [Double]
    /// The time of the most loaded device: its tokens over its speed.
    public let longestTime: Double

    /// The best split of a layer's loads.
    ///
    /// The linear program "minimise T so that no device gets more than T times its speed" is a flow from experts to
    /// devices. T starts at the mean and at what experts without a choice cause; a minimum cut of a flow that does not
    /// carry everything names experts and the devices that they are confined to, whose load over speed is the next T
    /// (Newton's method on cuts, exact after finitely many). Only experts on several devices take part.
    ///
    /// - Parameters:
    ///   - placement: Which expert lives where.
    ///   - layer: The layer.
    ///   - loads: The tokens of each of the layer's experts.
    ///   - speeds: The speed of each device; all 1 where it is left out.
    ///   - isWhole: Whether slots get whole tokens, for loads that are whole; the longest time is then the least that
    ///     whole tokens allow.
    /// - Throws: ``ExpertLoadsError`` or ``BalancingError`` where the parameters do not go together.
    /// - Complexity: O(slots + cuts × paths × edges), edges being the slots of experts on several devices.
    public init(
        _ placement: Placement, layer: Int, loads: [Double], speeds: [Double]? = nil, isWhole: Bool = false
    ) throws {
        guard try ExpertLoads(loads, expertCount: placement.expertCount).layerCount == 1,
            (0..<placement.layerCount).contains(layer)
        else {
            throw BalancingError(
                "a split is of one layer of \(placement.layerCount) and one load an expert: give \(placement.expertCount) loads"
            )
        }
        let speeds = speeds ?? [Double](repeating: 1, count: placement.deviceCount)
        guard speeds.count == placement.deviceCount, speeds.allSatisfy({ $0 >= 1e-6 && $0 <= 1e6 }) else {
            throw BalancingError("speeds must be \(placement.deviceCount) numbers from 0.000001 to 1000000")
        }
        if isWhole, let load = loads.first(where: { $0 != $0.rounded() || $0 > 1e15 }) {
            throw BalancingError("\(load) is not a whole number of tokens: give counts, or ask for parts of tokens")
        }
        var flow = ReplicaFlow(placement, layer: layer, loads: loads, speeds: speeds)
        longestTime = flow.solve(isWhole: isWhole)
        tokensOfSlot = flow.tokensOfSlot(slotCount: placement.slotCount)
    }
}
