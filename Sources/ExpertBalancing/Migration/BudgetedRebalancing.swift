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
    /// The balance that suffices: a layer that has it is not changed further. nil for the best balance.
    public let goal: Double?

    /// Creates a rebalancing of at most `maxCopies` copies.
    public init(
        world: DeviceWorld, maxCopies: Int, noise: NoiseRule? = NoiseRule(), payback: PaybackRule? = nil,
        goal: Double? = nil
    ) {
        self.world = world
        self.maxCopies = max(0, maxCopies)
        self.noise = noise
        self.payback = payback
        self.goal = goal
    }

    /// Returns the changed placement. An expert that stays on its device keeps its slot.
    ///
    /// - Throws: ``BalancingError`` if the placement, the loads and the world differ in shape, or a slot is empty.
    /// - Complexity: O(layers × targets × moves × slots × slots per device).
    public func rebalance(_ current: Placement, for loads: ExpertLoads) throws(BalancingError) -> Placement {
        try rebalance(current, for: loads, fresh: nil)
    }

    /// Returns the changed placement like ``rebalance(_:for:)``. A new plan of a layer is one of its changes: it leaves
    /// local optima that small changes cannot leave. With a backtest, each change is scored on recent windows. Without,
    /// the result is at least as balanced as the new plan if the budget suffices for all its copies.
    ///
    /// - Parameters:
    ///   - fresh: A new plan that is relabelled for few copies; nil for small changes only.
    ///   - backtest: The recent windows; nil to trust `loads`.
    ///   - owners: The owners of the experts, whose moves the payback rule counts; nil without owners.
    func rebalance(
        _ current: Placement, for loads: ExpertLoads, fresh: Placement?, triedOn backtest: Backtest? = nil,
        owners: SlotOwners? = nil
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
        let changes = layerChanges(current, loads, backtest, fresh, owners)
        let tradeOffs = changes.map(\.tradeOffs)
        let chosen = LayerTradeOff.choose(LayerTradeOff.steps(tradeOffs), of: tradeOffs, budget: Double(maxCopies)) {
            from, to in
            if let goal, from.balance >= goal { return false }
            guard let payback else { return true }
            return payback.pays(
                from: from.balance, to: to.balance, copies: Int(to.cost - from.cost),
                ownerMoves: to.ownerMoves - from.ownerMoves, layers: tradeOffs.count)
        }
        var layers = tradeOffs.indices.map { tradeOffs[$0][chosen[$0]] }
        if fresh != nil, backtest == nil, payback == nil, goal == nil {
            let new = changes.map(\.replanned)
            if new.reduce(0, { $0 + $1.cost }) <= Double(maxCopies),
                new.reduce(0, { $0 + $1.balance }) > layers.reduce(0, { $0 + $1.balance })
            {
                layers = new
            }
        }
        return Placement(
            checkedExperts: layers.flatMap(\.slots), expertCount: current.expertCount,
            deviceOffsets: current.deviceOffsets)
    }

    /// The possible changes of one layer.
    private struct LayerChanges {
        /// The trade-offs on the convex hull.
        var tradeOffs: [LayerTradeOff]
        /// The new plan, or the present slots if they are better or their loads have not changed.
        var replanned: LayerTradeOff
    }

    private func layerChanges(
        _ current: Placement, _ loads: ExpertLoads, _ backtest: Backtest?, _ fresh: Placement?, _ owners: SlotOwners?
    ) -> [LayerChanges] {
        var search = LayerLocalSearch(
            experts: loads.expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        let packing = LayerPacking(
            experts: loads.expertCount, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        return (0..<loads.layerCount).map { layer in
            changes(
                from: Array(current.experts(ofLayer: layer)), for: Array(loads[layer: layer]),
                fresh: fresh.map { Array($0.experts(ofLayer: layer)) }, owners: owners.map { Array($0[layer: layer]) },
                &search, packing
            ) { slots, balance in backtest?.balance(slots, layer: layer) ?? balance }
        }
    }

    /// Returns the changes of a layer. `worth` returns the value of slots, given the slots and their balance on the
    /// loads.
    private func changes(
        from slots: [Int32], for loads: [Double], fresh: [Int32]?, owners: [Int32]?,
        _ search: inout LayerLocalSearch, _ packing: borrowing LayerPacking, worth: ([Int32], Double) -> Double
    ) -> LayerChanges {
        for expert in loads.indices { packing.weights[expert] = loads[expert] }
        let bound = packing.lowerBound()
        let mean = loads.reduce(0, +) / world.totalSpeed
        func balance(_ longestTime: Double) -> Double { longestTime > 0 ? mean / longestTime : 1 }
        search.begin(slots.span, loads: loads.span)
        let present = balance(search.longestTime)
        let unchanged = LayerTradeOff(cost: 0, balance: worth(slots, present), slots: slots)
        let nothing = LayerChanges(tradeOffs: [unchanged], replanned: unchanged)
        guard bound > 0, maxCopies > 0 else { return nothing }
        if let noise, !noise.isExceeded(by: search, packing, bound: bound) { return nothing }
        let offsets = world.deviceOffsets
        func change(_ result: [Int32], _ balance: Double) -> LayerTradeOff {
            // An expert that stays on its device has its old slot, so every difference is a copy.
            let copies = zip(result, slots).count { $0 != $1 }
            let moves = owners?.enumerated().count { Int(result[Int($0.element)]) != $0.offset } ?? 0
            return LayerTradeOff(
                cost: Double(copies), balance: worth(result, balance), slots: result, ownerMoves: moves)
        }
        var tradeOffs = [unchanged]
        var replanned = unchanged
        for part in Self.ladder where mean / bound * part > present {
            search.begin(slots.span, loads: loads.span)
            search.search(target: bound / part, mean: mean, limit: Double(maxCopies))
            guard search.copies > 0 else { continue }
            var result = search.slots
            Placement.keepSlots(&result, like: slots, deviceOffsets: offsets)
            tradeOffs.append(change(result, balance(search.longestTime)))
        }
        if let fresh {
            search.begin(fresh.span, loads: loads.span)
            let new = change(fresh, balance(search.longestTime))
            tradeOffs.append(new)
            if new.balance > unchanged.balance { replanned = new }
        }
        return LayerChanges(tradeOffs: LayerTradeOff.hull(tradeOffs), replanned: replanned)
    }
}
