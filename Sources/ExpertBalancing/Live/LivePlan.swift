/// A plan of mode live: a new placement, and the step in which each copy is made.
///
/// The steps follow from the request alone, not from the time that planning takes.
public struct LivePlan: Hashable, Sendable {
    /// The change of one layer.
    public struct Layer: Hashable, Sendable {
        /// The balance of the present slots for the forecast loads.
        public let balanceBefore: Double
        /// The balance of the new slots for the forecast loads.
        public let balanceAfter: Double
        /// The number of slots that receive another expert.
        public let copies: Int
        /// The number of experts whose owner moves.
        public let ownerMoves: Int
        /// The bytes that devices send to other devices.
        public let bytes: Int
        /// The first step that computes with all new slots; nil if the layer does not change.
        public let firstStep: Int?
    }

    /// The step after which the plan was requested.
    public let step: Int
    /// The step in which the first copies are made.
    public let startStep: Int
    /// The placement after all copies.
    public let placement: Placement
    /// The owners after all copies.
    public let owners: SlotOwners
    /// The changes of all layers.
    public let layers: [Layer]
    /// The copies of each step from ``startStep`` on, in rounds. The slots take them over at the end of their step.
    public let migrations: [MigrationPlan]
    /// The forecast that the plan was made from.
    public let forecast: Forecast
    /// A digest of all integers of the plan. Ranks with equal plans have equal digests.
    public let digest: UInt64

    /// Plans the migration from the placement of a request to `new`.
    ///
    /// Layers with the largest gain per copy move first.
    init(_ request: LivePlanningRequest, to new: Placement, for loads: ExpertLoads, _ forecast: Forecast) {
        let old = request.placement
        let options = request.options
        let balances = (0..<old.layerCount).map { layer in
            [old, new].map {
                $0.balance(ofLayer: layer, for: loads[layer: layer], in: request.world, options.sharing)
            }
        }
        let copies = (0..<old.layerCount).map { layer in
            zip(old.experts(ofLayer: layer), new.experts(ofLayer: layer)).count { $0 != $1 }
        }
        let gains = balances.indices.map { (balances[$0][1] - balances[$0][0]) / Double(max(copies[$0], 1)) }
        let owners = request.owners.moved(to: new)
        var scheduler = MigrationScheduler(limit: options.copiesPerStep, placement: old)
        var lastSteps = [Int?](repeating: nil, count: old.layerCount)
        for layer in gains.indices.sorted(by: { (gains[$1], $0) < (gains[$0], $1) }) {
            lastSteps[layer] = scheduler.schedule(layer: layer, from: old, request.owners, to: new, owners)
        }
        let migrations = scheduler.migrations
        var ownerMoves = [Int](repeating: 0, count: old.layerCount)
        var bytes = ownerMoves
        for copy in migrations.lazy.flatMap(\.copies) {
            if copy.content.contains(.state) { ownerMoves[copy.layer] += 1 }
            if copy.source != copy.target { bytes[copy.layer] += options.expertBytes[copy.content] }
        }
        step = request.step
        startStep = request.startStep
        placement = new
        self.owners = owners
        layers = balances.indices.map { layer in
            Layer(
                balanceBefore: balances[layer][0], balanceAfter: balances[layer][1], copies: copies[layer],
                ownerMoves: ownerMoves[layer], bytes: bytes[layer],
                firstStep: lastSteps[layer].map { request.startStep + $0 })
        }
        self.migrations = migrations
        self.forecast = forecast
        digest = Self.digest(step: request.step, startStep: request.startStep, new, owners, migrations)
    }

    private static func digest(
        step: Int, startStep: Int, _ placement: Placement, _ owners: SlotOwners, _ migrations: [MigrationPlan]
    ) -> UInt64 {
        var digest = IntegerDigest()
        digest.combine(step)
        digest.combine(startStep)
        digest.combine(placement.experts)
        digest.combine(owners.slots)
        for migration in migrations {
            digest.combine(migration.copies.count)
            for copy in migration.copies {
                for part in [copy.layer, copy.expert, copy.source, copy.target, copy.slot] { digest.combine(part) }
                digest.combine(Int(copy.content.rawValue))
            }
            for round in migration.rounds {
                digest.combine(round.count)
                for index in round { digest.combine(index) }
            }
        }
        return digest.value
    }

    /// The number of copies over all steps, those of owners to slots that already hold the expert included.
    public var copyCount: Int { migrations.reduce(0) { $0 + $1.copies.count } }

    /// Returns the copies that are made in a step; nil if the plan has none there. O(1).
    public func migration(inStep step: Int) -> MigrationPlan? {
        migrations.indices.contains(step - startStep) ? migrations[step - startStep] : nil
    }
}
