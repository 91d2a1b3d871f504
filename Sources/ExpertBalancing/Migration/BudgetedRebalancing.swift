/// Changes a placement for new loads by few copies.
///
/// For each layer, local searches towards a series of target times give trade-offs between balance and copies. The
/// budget then goes to the layers with the largest gain per copy.
public struct BudgetedRebalancing: Hashable, Sendable {
    /// The balances that the searches aim at, as fractions of the layer's best possible balance.
    private static let ladder: [Double] = [
        0.7, 0.75, 0.8, 0.84, 0.87, 0.9, 0.92, 0.935, 0.95, 0.96, 0.97, 0.9775, 0.985, 0.99, 0.9925, 0.995, 0.9975,
    ]

    /// The devices.
    public let world: DeviceWorld
    /// The number of copies that may be made, over all layers.
    public let maxCopies: Int

    /// The rule that decides whether a layer's loads have changed; nil if every difference counts.
    public let noise: NoiseRule?
    /// The rule that decides whether a copy is worth its time; nil if every copy that improves the balance is
    /// worth it.
    public let payback: PaybackRule?

    /// Creates a rebalancing of at most `maxCopies` copies.
    public init(world: DeviceWorld, maxCopies: Int, noise: NoiseRule? = NoiseRule(), payback: PaybackRule? = nil) {
        self.world = world
        self.maxCopies = max(0, maxCopies)
        self.noise = noise
        self.payback = payback
    }

    /// Returns the changed placement. An expert that stays on its device keeps its slot.
    ///
    /// - Throws: ``BalancingError`` if the placement, the loads and the world differ in shape, or a slot is empty.
    /// - Complexity: O(layers × targets × moves × slots × slots per device).
    public func rebalance(_ current: Placement, for loads: ExpertLoads) throws(BalancingError) -> Placement {
        try rebalance(current, for: loads, triedOn: nil)
    }

    /// Returns the changed placement like ``rebalance(_:for:)``. With a backtest, each change of a layer is scored on
    /// recent windows, and a new plan of the layer is one of the changes: it leaves local optima that small changes
    /// cannot leave.
    func rebalance(
        _ current: Placement, for loads: ExpertLoads, triedOn backtest: Backtest?
    ) throws(BalancingError) -> Placement {
        guard current.expertCount == loads.expertCount, current.layerCount == loads.layerCount,
            current.deviceOffsets == world.deviceOffsets
        else {
            throw BalancingError(
                "the placement has \(current.layerCount.counted("layer")), \(current.expertCount.counted("expert")) and "
                    + "\(current.slotCount.counted("slot")) on \(current.deviceCount.counted("device")), but the loads have "
                    + "\(loads.layerCount.counted("layer")) of \(loads.expertCount.counted("expert")) for "
                    + "\(world.slotCount.counted("slot")) on \(world.deviceCount.counted("device")): give a placement for "
                    + "these loads and devices")
        }
        guard !current.experts.contains(Placement.emptySlot) else {
            throw BalancingError(
                "the current placement has empty slots: fill them, or plan without a current placement")
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
        var search = LayerLocalSearch(
            experts: loads.expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        let packing = LayerPacking(
            experts: loads.expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        return (0..<loads.layerCount).map { layer in
            tradeOffs(
                from: Array(current.experts(ofLayer: layer)), for: Array(loads[layer: layer]),
                fresh: fresh.map { Array($0.experts(ofLayer: layer)) }, &search, packing
            ) { slots, balance in backtest?.balance(slots, layer: layer) ?? balance }
        }
    }

    /// Returns the trade-offs of a layer. `worth` returns the value of slots, given the slots and their balance on the
    /// loads.
    private func tradeOffs(
        from slots: [Int32], for loads: [Double], fresh: [Int32]?, _ search: inout LayerLocalSearch,
        _ packing: borrowing LayerPacking, worth: ([Int32], Double) -> Double
    ) -> [LayerTradeOff] {
        for expert in loads.indices { packing.weights[expert] = loads[expert] }
        let bound = packing.lowerBound()
        let mean = loads.reduce(0, +) / world.totalSpeed
        func balance(_ longestTime: Double) -> Double { longestTime > 0 ? mean / longestTime : 1 }
        search.begin(slots.span, loads: loads.span)
        let present = balance(search.longestTime)
        var tradeOffs = [LayerTradeOff(cost: 0, balance: worth(slots, present), slots: slots)]
        guard bound > 0, maxCopies > 0 else { return tradeOffs }
        let offsets = world.deviceOffsets
        func add(_ result: [Int32], _ balance: Double) {
            // An expert that stays on its device has its old slot, so every difference is a copy.
            let copies = zip(result, slots).count { $0 != $1 }
            tradeOffs.append(LayerTradeOff(cost: Double(copies), balance: worth(result, balance), slots: result))
        }
        if let noise {
            packing.improve(target: bound)
            let excess = search.largestExcess(over: packing.longestTime(), significance: noise.significance)
            guard excess > noise.leastGain * search.longestTime else { return tradeOffs }
        }
        for part in Self.ladder where mean / bound * part > present {
            search.begin(slots.span, loads: loads.span)
            search.search(target: bound / part, mean: mean, limit: Double(maxCopies))
            guard search.copies > 0 else { continue }
            var result = search.slots
            Placement.keepSlots(&result, like: slots, deviceOffsets: offsets)
            add(result, balance(search.longestTime))
        }
        if let fresh {
            search.begin(fresh.span, loads: loads.span)
            add(fresh, balance(search.longestTime))
        }
        return LayerTradeOff.hull(tradeOffs)
    }
}
