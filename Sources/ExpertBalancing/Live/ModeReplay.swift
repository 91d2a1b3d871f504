/// The balance that a mode would have given for the history of a run, and its copies.
public struct ModeReplay: Hashable, Sendable {
    /// The balances and the copies of one step.
    public struct Step: Hashable, Sendable {
        /// The balance of each layer with load under the placement of the step.
        public let balances: [Double]
        /// The copies that are made beside the step.
        public let copies: [ExpertCopy]

        /// The mean balance of the layers; 1 without load.
        public var balance: Double { balances.isEmpty ? 1 : balances.reduce(0, +) / Double(balances.count) }
    }

    /// The mode.
    public let mode: BalancingMode
    /// The steps of the history.
    public let steps: [Step]

    /// Replays a history.
    ///
    /// - Parameters:
    ///   - history: The history.
    ///   - mode: The mode.
    ///   - world: The devices, with the slots of the modes static and live. In mode off, the slots beyond the experts
    ///     change nothing.
    ///   - options: The settings of mode live. The division of tokens among replicas is that of all modes.
    ///   - placement: The placement of mode static, from which mode live starts as well. nil for the best placement for
    ///     the sum of all steps in mode static, as `contraflow balance` makes it, and for consecutive experts in mode live.
    /// - Throws: ``BalancingError`` if the parts do not match.
    /// - Complexity: O(steps × layers × slots), and the plans of the mode.
    public init(
        _ history: LoadHistory, mode: BalancingMode, world: DeviceWorld, options: LiveBalancer.Options,
        placement: Placement? = nil
    ) throws {
        let contiguous = try Placement(
            contiguousLayers: history.layerCount, expertCount: history.expertCount, world: world)
        if let placement {
            guard placement.layerCount == history.layerCount, placement.expertCount == history.expertCount,
                placement.deviceOffsets == world.deviceOffsets
            else {
                throw BalancingError(
                    "the placement has \(placement.layerCount.counted("layer")) of "
                        + "\(placement.expertCount.counted("expert")) in \(placement.slotCount.counted("slot")), but the "
                        + "history has \(history.layerCount.counted("layer")) of "
                        + "\(history.expertCount.counted("expert")) for \(world.slotCount.counted("slot")): give a "
                        + "placement for these loads and devices")
            }
        }
        func steps(_ mode: some ReplayedMode) throws -> [Step] {
            var mode = mode
            return try history.steps.map { try mode.next($0) }
        }
        self.mode = mode
        switch mode {
        case .off:
            self.steps = try steps(ReplayedPlacement(placement: contiguous, world: world, sharing: options.sharing))
        case .static:
            let total = try LoadStream(history.steps.map(\.loads)).total()
            let fixed = try placement ?? OptimalPolicy(world: world).plan(total).placement
            self.steps = try steps(ReplayedPlacement(placement: fixed, world: world, sharing: options.sharing))
        case .live:
            let balancer = try LiveBalancer(placement: placement ?? contiguous, world: world, options: options)
            self.steps = try steps(ReplayedBalancer(balancer))
        }
    }

    /// The distribution of the balances of all layers in all steps.
    public var summary: BalanceSummary { BalanceSummary(steps.flatMap(\.balances)) }
    /// The number of copies over all steps.
    public var copies: Int { steps.reduce(0) { $0 + $1.copies.count } }
    /// The number of experts whose owner moved, over all steps.
    public var ownerMoves: Int {
        steps.reduce(0) { $0 + $1.copies.count { $0.content.contains(.state) } }
    }

    /// Returns the bytes that devices sent to other devices over all steps.
    public func bytes(_ size: ExpertBytes) -> Int {
        steps.lazy.flatMap(\.copies).reduce(0) { $0 + ($1.source == $1.target ? 0 : size[$1.content]) }
    }
}
