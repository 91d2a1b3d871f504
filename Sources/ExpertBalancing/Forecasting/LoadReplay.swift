/// The balance that a policy would have reached on a stream of loads, and the copies that it would have made.
///
/// At the given cadence, the replay plans for a forecast from the earlier windows and changes the placement within the
/// budget of copies. It measures the balance on every window. Two references know the window in advance. The *oracle*
/// makes a new placement for every window and ignores the number of copies. *Foresight* follows the rules of the
/// policy, but plans for the window itself. The loss against foresight is due to the forecast. The rest of the loss
/// against the oracle is due to the budget. The oracle plans for equal shares; with ``TokenSharing/best``, foresight
/// scores its changes by the best split and may exceed the oracle.
///
/// Windows without load are left out, as are layers without load in the balance of a window.
public struct LoadReplay: Hashable, Sendable {
    /// The results of one window.
    public struct Window: Hashable, Sendable {
        /// The mean balance of the layers under the policy's placement.
        public let balance: Double
        /// The mean balance of the layers under the oracle's placement.
        public let oracle: Double
        /// The mean balance of the layers under foresight's placement, with the same cadence and budget.
        public let foresight: Double
        /// The copies made before the window.
        public let copies: Int
        /// The forecast that the plan was made from; without a plan before the window, the forecast of the options or
        /// ``Forecast/last``.
        public let forecast: Forecast
    }

    /// The division of an expert's tokens among its replicas.
    public enum TokenSharing: String, CaseIterable, Sendable {
        /// Equal shares, as in round-robin routing.
        case equal
        /// The split with the shortest time for the window's own tokens; see ``TokenSplit``.
        case best
    }

    /// The settings of a replay.
    public struct Options: Hashable, Sendable {
        /// The forecast; nil chooses a forecast by a backtest on the stream before each plan.
        public var forecast: Forecast?
        /// The number of windows from one plan to the next.
        public var cadence: Int
        /// The copies that each plan may make, over all layers; nil for no limit.
        public var maxCopies: Int?
        /// The standard deviations added to a forecast; see ``Forecast/cautious(after:deviations:)``.
        public var caution: Double
        /// The rule that decides whether a layer's loads have changed; nil if every difference counts.
        public var noise: NoiseRule?
        /// The division of tokens among replicas, for the policy, the oracle and foresight.
        public var sharing: TokenSharing
        /// The number of past windows on which each change of a layer is tried before its copies are made. A new plan
        /// of the layer is one of the changes. With 0, the policy trusts the forecast and makes small changes only.
        public var backtests: Int

        /// Creates options with the given values.
        public init(
            forecast: Forecast? = nil, cadence: Int = 1, maxCopies: Int? = nil, caution: Double = 0,
            noise: NoiseRule? = NoiseRule(), sharing: TokenSharing = .equal, backtests: Int = 4
        ) {
            self.forecast = forecast
            self.cadence = max(1, cadence)
            self.maxCopies = maxCopies
            self.caution = caution
            self.noise = noise
            self.sharing = sharing
            self.backtests = max(0, backtests)
        }

        /// Returns the placement changed for `loads` within the budget.
        fileprivate func moved(
            _ placement: Placement, for loads: ExpertLoads, triedOn windows: ArraySlice<ExpertLoads>,
            in world: DeviceWorld, by planner: inout IncrementalPlanner
        ) throws -> Placement {
            if maxCopies != nil || noise != nil {
                let rebalancing = BudgetedRebalancing(
                    world: world, maxCopies: maxCopies ?? placement.experts.count, noise: noise)
                guard backtests > 0 else { return try rebalancing.rebalance(placement, for: loads) }
                return try rebalancing.rebalance(
                    placement, for: loads,
                    fresh: OptimalPolicy(world: world).plan(loads).placement.relabelled(
                        closestTo: placement, in: world),
                    triedOn: Backtest(windows: windows.suffix(backtests), world: world, sharing: sharing))
            }
            // With neither a budget nor a noise rule, every layer is replanned from its current slots.
            var experts: [Int32] = []
            experts.reserveCapacity(placement.experts.count)
            for layer in 0..<placement.layerCount {
                var slots = Array(placement.experts(ofLayer: layer))
                _ = try planner.replan(&slots, for: loads[layer: layer])
                experts += slots
            }
            return Placement(
                checkedExperts: experts, expertCount: placement.expertCount, deviceOffsets: placement.deviceOffsets)
        }
    }

    /// The results of all windows but the first. The first window determines the first placement.
    public let windows: [Window]
    /// The number of slots over all layers.
    public let slotCount: Int

    /// Replays a stream.
    ///
    /// - Throws: ``BalancingError`` if fewer than two windows have load, or if the world has fewer slots than experts.
    public init(_ stream: LoadStream, world: DeviceWorld, options: Options) throws {
        let policy = try OptimalPolicy(world: world)
        let history = stream.windows.filter(\.hasLoad)
        guard history.count > 1 else {
            throw BalancingError(
                "a replay needs at least 2 windows of time with load, but the stream has \(history.count): give one window "
                    + "per step, or place a single table of loads")
        }
        slotCount = stream.layerCount * world.slotCount
        var planner = try IncrementalPlanner(world: world, expertCount: stream.expertCount)
        var placement = try policy.plan(history[0]).placement
        var foreseen = placement
        var windows: [Window] = []
        for index in 1..<history.count {
            let current = history[index]
            var copies = 0
            let past = history[0..<index]
            var forecast = options.forecast ?? .last
            if (index - 1).isMultiple(of: options.cadence) {
                if index > 1 {
                    if options.forecast == nil { forecast = Forecast.backtested(on: past) }
                    let expected = try ExpertLoads(
                        forecast.cautious(after: past, deviations: options.caution), expertCount: stream.expertCount)
                    let next = try options.moved(placement, for: expected, triedOn: past, in: world, by: &planner)
                    copies = MigrationPlan(from: placement, to: next).copies.count
                    placement = next
                }
                foreseen = try options.moved(
                    foreseen, for: current, triedOn: history[index...index], in: world, by: &planner)
            }
            let oracle = try policy.plan(current)
            func balance(_ placement: Placement) throws -> Double {
                try Self.balance(placement, current, oracle, policy, options.sharing)
            }
            windows.append(
                Window(
                    balance: try balance(placement), oracle: try balance(oracle.placement),
                    foresight: try balance(foreseen), copies: copies, forecast: forecast))
        }
        self.windows = windows
    }

    /// Returns the mean balance of a placement over the layers that have load.
    private static func balance(
        _ placement: Placement, _ loads: ExpertLoads, _ plan: CertifiedPlan, _ policy: OptimalPolicy,
        _ sharing: TokenSharing
    ) throws -> Double {
        let certificates = try policy.certify(placement, for: loads, plan: plan)
        var sum = 0.0
        var layers = 0
        for layer in 0..<loads.layerCount where certificates[layer].longestTime > 0 {
            layers += 1
            guard sharing == .best else {
                sum += certificates[layer].balance
                continue
            }
            let longest = try TokenSplit(
                placement, layer: layer, loads: Array(loads[layer: layer]), speeds: policy.world.speeds
            ).longestTime
            sum += certificates[layer].meanTime / longest
        }
        return sum / Double(max(layers, 1))
    }

    /// The mean balance over the windows.
    public var balance: Double { mean(\.balance) }
    /// The mean balance of the oracle.
    public var oracleBalance: Double { mean(\.oracle) }
    /// The mean balance of foresight under the same budget.
    public var foresightBalance: Double { mean(\.foresight) }
    /// The loss of balance against the oracle, as a fraction of the oracle's balance.
    public var regret: Double { oracleBalance > 0 ? 1 - balance / oracleBalance : 0 }
    /// The loss of balance against foresight under the same budget, as a fraction of foresight's balance.
    public var forecastRegret: Double { foresightBalance > 0 ? 1 - balance / foresightBalance : 0 }
    /// The mean number of copies per window, as a fraction of all slots.
    public var copiedShare: Double { mean { Double($0.copies) } / Double(max(slotCount, 1)) }
    /// The number of copies over all windows.
    public var copies: Int { windows.reduce(0) { $0 + $1.copies } }

    private func mean(_ value: (Window) -> Double) -> Double {
        windows.reduce(0) { $0 + value($1) } / Double(max(windows.count, 1))
    }
}
