/// A point of a layer's trade-off between balance and cost.
struct LayerTradeOff: Hashable, Sendable {
    /// The cost in copies or in remote load.
    var cost: Double
    /// The layer's balance.
    var balance: Double
    /// The expert of each slot.
    var slots: [Int32]
    /// The number of experts whose owner moves.
    var ownerMoves = 0

    /// Returns the upper convex hull of the points. Along the hull, cost and balance rise, and the gain per cost falls.
    static func hull(_ tradeOffs: [LayerTradeOff]) -> [LayerTradeOff] {
        var result: [LayerTradeOff] = []
        for tradeOff in tradeOffs.sorted(by: { ($0.cost, -$0.balance) < ($1.cost, -$1.balance) }) {
            if let last = result.last, tradeOff.cost == last.cost || tradeOff.balance <= last.balance { continue }
            while result.count >= 2 {
                let a = result[result.count - 2]
                let b = result[result.count - 1]
                let first = (b.balance - a.balance) / (b.cost - a.cost)
                let second = (tradeOff.balance - b.balance) / (tradeOff.cost - b.cost)
                guard second >= first else { break }
                result.removeLast()
            }
            result.append(tradeOff)
        }
        return result
    }

    /// A step from a point of a layer to the next one.
    struct Step {
        /// The gain per cost.
        var value: Double
        var layer: Int
        /// The index of the point after the step.
        var index: Int
        var cost: Double
    }

    /// Returns the steps of all layers, the largest gain per cost first. O(steps × log steps).
    static func steps(_ tradeOffs: [[LayerTradeOff]]) -> [Step] {
        let steps = tradeOffs.enumerated().flatMap { layer, list in
            list.indices.dropFirst().map { index in
                let cost = list[index].cost - list[index - 1].cost
                let gain = list[index].balance - list[index - 1].balance
                return Step(value: gain / cost, layer: layer, index: index, cost: cost)
            }
        }
        return steps.sorted { $0.value != $1.value ? $0.value > $1.value : ($0.layer, $0.index) < ($1.layer, $1.index) }
    }

    /// Returns the index of each layer's point. The first steps are taken first, as long as the budget allows them and
    /// `isWorth` accepts them. O(steps).
    static func choose(
        _ steps: [Step], of tradeOffs: [[LayerTradeOff]], budget: Double,
        isWorth: (LayerTradeOff, LayerTradeOff) -> Bool = { _, _ in true }
    ) -> [Int] {
        var chosen = [Int](repeating: 0, count: tradeOffs.count)
        var left = budget
        for step in steps where step.cost <= left && chosen[step.layer] == step.index - 1 {
            let list = tradeOffs[step.layer]
            guard isWorth(list[step.index - 1], list[step.index]) else { continue }
            chosen[step.layer] = step.index
            left -= step.cost
        }
        return chosen
    }
}
