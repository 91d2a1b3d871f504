/// Changes a placement for new loads by few copies.
///
/// For each layer, repairs towards a ladder of targets tell what balance how many copies buy; the budget then goes to
/// the layers where the next copy buys the most.
public struct BudgetedRebalancing: Hashable, Sendable {
    /// Balances that repairs aim at, as parts of the best a layer can have.
    private static let ladder: [Double] = [
        0.7, 0.75, 0.8, 0.84, 0.87, 0.9, 0.92, 0.935, 0.95, 0.96, 0.97, 0.9775, 0.985, 0.99, 0.9925, 0.995, 0.9975,
    ]

    /// The devices.
    public let world: DeviceWorld
    /// Copies that may be made, over all layers.
    public let maxCopies: Int

    /// When a layer counts as changed; nil takes every difference for real.
    public let noise: NoiseRule?
    /// When a copy is worth its time; nil spends the budget on whatever helps.
    public let payback: PaybackRule?

    /// A rebalancing of at most `maxCopies`.
    public init(
        world: DeviceWorld, maxCopies: Int, noise: NoiseRule? = NoiseRule(), payback: PaybackRule? = nil
    ) {
        self.world = world
        self.maxCopies = max(0, maxCopies)
        self.noise = noise
        self.payback = payback
    }

    /// The changed placement; slots that keep their expert stay as they are.
    ///
    /// - Throws: ``BalancingError`` where the placement, the loads and the world do not go together.
    /// - Complexity: O(layers × ladder × moves × slots × slots a device).
    public func rebalance(_ current: Placement, for loads: ExpertLoads) throws(BalancingError) -> Placement {
        try rebalance(current, for: loads, triedOn: nil)
    }

    /// The same, but what changes of a layer are worth is tried on recent windows; and as budgets come again, a layer may also
    /// start afresh, which gets out of where small changes are stuck.
    func rebalance(
        _ current: Placement, for loads: ExpertLoads, triedOn backtest: Backtest?
    ) throws(BalancingError) -> Placement {
        guard current.expertCount == loads.expertCount, current.layerCount == loads.layerCount,
            current.deviceOffsets == world.deviceOffsets
        else {
            throw BalancingError(
                "the placement has \(current.layerCount) layers, \(current.expertCount) experts and "
                    + "\(current.slotCount) slots on \(current.deviceCount) devices, but the loads have "
                    + "\(loads.layerCount) layers of \(loads.expertCount) experts for \(world.slotCount) slots on "
                    + "\(world.deviceCount): give a placement for these")
        }
        guard !current.experts.contains(Placement.emptySlot) else {
            throw BalancingError("the current placement has empty slots: fill them first, as a plan without it does")
        }
        let fresh = try backtest.map { _ throws(BalancingError) in
            try OptimalPolicy(world: world).plan(loads).placement.relabelled(closestTo: current, in: world)
        }
        let tradeOffs = layerTradeOffs(current, loads, backtest, fresh)
        let chosen = LayerTradeOff.choose(tradeOffs, budget: Double(maxCopies)) { from, to in
            guard let payback else { return true }
            return payback.pays(
                from: from.balance, to: to.balance, copies: Int(to.cost - from.cost), layers: tradeOffs.count)
        }
        var experts: [Int32] = []
        experts.reserveCapacity(current.experts.count)
        for layer in 0..<current.layerCount { experts += tradeOffs[layer][chosen[layer]].slots }
        return Placement(
            checkedExperts: experts, expertCount: current.expertCount, deviceOffsets: current.deviceOffsets)
    }

    private func layerTradeOffs(
        _ current: Placement, _ loads: ExpertLoads, _ backtest: Backtest?, _ fresh: Placement?
    ) -> [[LayerTradeOff]] {
        let experts = loads.expertCount
        let slotCount = world.slotCount
        var search = LayerLocalSearch(
            experts: experts, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        let packing = LayerPacking(
            experts: experts, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        let speed = world.totalSpeed
        return (0..<loads.layerCount).map { layer in
            let slots = Array(current.experts(ofLayer: layer))
            let values = Array(loads[layer: layer])
            for expert in 0..<experts { packing.weights[expert] = values[expert] }
            let bound = packing.lowerBound()
            let mean = values.reduce(0, +) / speed
            var tradeOffs: [LayerTradeOff] = []
            func begin() {
                slots.withUnsafeBufferPointer { s in values.withUnsafeBufferPointer { search.begin(s, loads: $0) } }
            }
            func balance() -> Double { search.longestTime > 0 ? mean / search.longestTime : 1 }
            func tradeOff(_ cost: Double, _ slots: [Int32]) -> LayerTradeOff {
                LayerTradeOff(cost: cost, balance: backtest?.balance(slots, layer: layer) ?? balance(), slots: slots)
            }
            begin()
            let present = balance()
            tradeOffs.append(tradeOff(0, slots))
            guard bound > 0, maxCopies > 0 else { return tradeOffs }
            if let noise {
                packing.improve(target: bound)
                let excess = search.largestExcess(over: packing.longestTime(), significance: noise.significance)
                guard excess > noise.leastGain * search.longestTime else { return tradeOffs }
            }
            for part in Self.ladder where mean / bound * part > present {
                begin()
                search.search(target: bound / part, mean: mean, limit: Double(maxCopies))
                guard search.copies > 0 else { continue }
                let result = [Int32](unsafeUninitializedCapacity: slotCount) { buffer, count in
                    search.write(buffer)
                    count = slotCount
                }
                tradeOffs.append(tradeOff(search.cost, result))
            }
            if let fresh = fresh.map({ Array($0.experts(ofLayer: layer)) }) {
                // (What stays has its slot: every other is a copy.)
                tradeOffs.append(tradeOff(Double(zip(fresh, slots).count { $0 != $1 }), fresh))
            }
            return LayerTradeOff.hull(tradeOffs)
        }
    }
}
