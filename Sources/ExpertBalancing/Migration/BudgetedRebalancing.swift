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

    /// What a layer can have for some number of copies.
    private struct Offer {
        var copies: Int
        var balance: Double
        var slots: [Int32]
    }

    /// The changed placement; slots that keep their expert stay as they are.
    ///
    /// - Throws: ``BalancingError`` where the placement, the loads and the world do not go together.
    /// - Complexity: O(layers × ladder × moves × slots × slots a device).
    public func rebalance(_ current: Placement, for loads: ExpertLoads) throws(BalancingError) -> Placement {
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
        let offers = layerOffers(current, loads)
        let chosen = choose(offers)
        var experts: [Int32] = []
        experts.reserveCapacity(current.experts.count)
        for layer in 0..<current.layerCount { experts += offers[layer][chosen[layer]].slots }
        return Placement(
            checkedExperts: experts, expertCount: current.expertCount, deviceOffsets: current.deviceOffsets)
    }

    private func layerOffers(_ current: Placement, _ loads: ExpertLoads) -> [[Offer]] {
        let experts = loads.expertCount
        let slotCount = world.slotCount
        var repair = LayerRepair(
            experts: experts, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        let packing = LayerPacking(
            experts: experts, slotsPerDevice: world.slotsPerDevice[...], speeds: world.speeds[...])
        let speed = zip(world.slotsPerDevice, world.speeds).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        return (0..<loads.layerCount).map { layer in
            let slots = Array(current.experts(ofLayer: layer))
            let values = Array(loads[layer: layer])
            for expert in 0..<experts { packing.weights[expert] = values[expert] }
            let bound = packing.lowerBound()
            let mean = values.reduce(0, +) / speed
            var offers: [Offer] = []
            func begin() {
                slots.withUnsafeBufferPointer { s in values.withUnsafeBufferPointer { repair.begin(s, loads: $0) } }
            }
            func balance() -> Double { repair.longestTime > 0 ? mean / repair.longestTime : 1 }
            begin()
            offers.append(Offer(copies: 0, balance: balance(), slots: slots))
            guard bound > 0, maxCopies > 0 else { return offers }
            if let noise {
                packing.improve(target: bound)
                let excess = repair.largestExcess(over: packing.longestTime(), significance: noise.significance)
                guard excess > noise.leastGain * repair.longestTime else { return offers }
            }
            for part in Self.ladder where mean / bound * part > offers[0].balance {
                begin()
                repair.repair(target: bound / part, mean: mean, limit: maxCopies)
                guard repair.copies > 0 else { continue }
                let result = [Int32](unsafeUninitializedCapacity: slotCount) { buffer, count in
                    repair.write(buffer)
                    count = slotCount
                }
                offers.append(Offer(copies: repair.copies, balance: balance(), slots: result))
            }
            return Self.hull(offers)
        }
    }

    /// The offers that are best for some price a copy: copies and balance rise, what a copy buys falls.
    private static func hull(_ offers: [Offer]) -> [Offer] {
        var result: [Offer] = []
        for offer in offers.sorted(by: { ($0.copies, -$0.balance) < ($1.copies, -$1.balance) }) {
            if let last = result.last, offer.copies == last.copies || offer.balance <= last.balance { continue }
            while result.count >= 2 {
                let a = result[result.count - 2]
                let b = result[result.count - 1]
                let first = (b.balance - a.balance) / Double(b.copies - a.copies)
                let second = (offer.balance - b.balance) / Double(offer.copies - b.copies)
                guard second >= first else { break }
                result.removeLast()
            }
            result.append(offer)
        }
        return result
    }

    /// Which offer each layer takes: the step that buys the most for each copy first, while the budget lasts.
    private func choose(_ offers: [[Offer]]) -> [Int] {
        var chosen = [Int](repeating: 0, count: offers.count)
        var steps: [(value: Double, layer: Int, index: Int, copies: Int)] = []
        for (layer, list) in offers.enumerated() {
            for index in 1..<max(list.count, 1) {
                let copies = list[index].copies - list[index - 1].copies
                steps.append(
                    ((list[index].balance - list[index - 1].balance) / Double(copies), layer, index, copies))
            }
        }
        steps.sort { $0.value != $1.value ? $0.value > $1.value : ($0.layer, $0.index) < ($1.layer, $1.index) }
        var left = maxCopies
        for step in steps where step.copies <= left && chosen[step.layer] == step.index - 1 {
            let list = offers[step.layer]
            if let payback,
                !payback.pays(
                    from: list[step.index - 1].balance, to: list[step.index].balance, copies: step.copies,
                    layers: offers.count)
            {
                continue
            }
            chosen[step.layer] = step.index
            left -= step.copies
        }
        return chosen
    }
}
