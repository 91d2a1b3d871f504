/// A stream of loads run through a policy: what balance it would have had, and at which cost.
///
/// Before each window a plan is made from the windows before it, the placement changes by at most the copies allowed,
/// and its balance on the window itself is taken. Two that know the window stand beside it: the oracle places every window
/// anew, whatever that copies; foresight changes its placement by the same rules as the policy, but for the window itself.
/// What is lost against foresight is the forecast's; the rest of what is lost against the oracle is the budget's. The oracle
/// plans for equal shares: where tokens are shared in the best way, foresight, which tries its changes so, may exceed it.
public struct LoadReplay: Hashable, Sendable {
    /// What one window came to.
    public struct Window: Hashable, Sendable {
        /// The mean balance of the layers.
        public let balance: Double
        /// The mean balance of a plan that knows the window.
        public let oracle: Double
        /// The mean balance of this policy, had it known each window, with the same cadence and budget.
        public let foresight: Double
        /// Copies made before the window.
        public let copies: Int
        /// The forecast that the plan was made from.
        public let forecast: Forecast
    }

    /// How an expert's tokens are shared by its replicas.
    public enum TokenSharing: String, CaseIterable, Sendable {
        /// Equally, as routing by rotation does.
        case equal
        /// For the shortest time, given the window's own tokens; see ``TokenSplit``.
        case best
    }

    /// How a stream is followed.
    public struct Options: Hashable, Sendable {
        /// The forecast; nil lets a back-test on the stream choose before each plan.
        public var forecast: Forecast?
        /// Windows from one plan to the next.
        public var cadence: Int
        /// Copies that each plan may make, over all layers; nil for as many as it wants.
        public var maxCopies: Int?
        /// Standard deviations that are added to a forecast.
        public var caution: Double
        /// When loads count as changed.
        public var noise: NoiseRule?
        /// How tokens are shared by replicas, the oracle's too.
        public var sharing: TokenSharing
        /// On how many of the last windows each change of a layer, a new plan included, is tried before it is bought; 0 trusts
        /// the forecast and makes small changes only.
        public var backtests: Int

        /// Options with the given values.
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

        /// A placement changed for loads, within the budget.
        fileprivate func moved(
            _ placement: Placement, for loads: ExpertLoads, triedOn windows: ArraySlice<ExpertLoads>,
            in world: DeviceWorld, by planner: inout IncrementalPlanner
        ) throws -> Placement {
            if maxCopies != nil || noise != nil {
                let backtest = Backtest(windows: windows.suffix(backtests), world: world, sharing: sharing)
                return try BudgetedRebalancing(
                    world: world, maxCopies: maxCopies ?? placement.experts.count, noise: noise
                ).rebalance(placement, for: loads, triedOn: backtests > 0 ? backtest : nil)
            }
            // Without a budget to keep, every layer goes as far as it can.
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

    /// The windows but the first, from which the first placement is made.
    public let windows: [Window]
    /// Slots over all layers.
    public let slotCount: Int

    /// Follows a stream.
    ///
    /// - Throws: ``BalancingError`` where the world cannot hold the experts.
    public init(_ stream: LoadStream, world: DeviceWorld, options: Options) throws {
        let policy = try OptimalPolicy(world: world)
        let history = stream.windows
        slotCount = stream.layerCount * world.slotCount
        var planner = try IncrementalPlanner(world: world, expertCount: stream.expertCount)
        var placement = try policy.plan(history[0]).placement
        var foreseen = placement
        var windows: [Window] = []
        for index in 1..<max(history.count, 1) {
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

    /// The mean balance of a placement's layers.
    private static func balance(
        _ placement: Placement, _ loads: ExpertLoads, _ plan: CertifiedPlan, _ policy: OptimalPolicy,
        _ sharing: TokenSharing
    ) throws -> Double {
        let layers = Double(max(loads.layerCount, 1))
        guard sharing == .best else {
            return try policy.certify(placement, for: loads, plan: plan).reduce(0) { $0 + $1.balance } / layers
        }
        var sum = 0.0
        for layer in 0..<loads.layerCount {
            let longest = try TokenSplit(
                placement, layer: layer, loads: Array(loads[layer: layer]), speeds: policy.world.speeds
            ).longestTime
            sum += longest > 0 ? plan.certificates[layer].meanTime / longest : 1
        }
        return sum / layers
    }

    /// The mean balance over the windows.
    public var balance: Double { mean(\.balance) }
    /// The mean balance of the oracle.
    public var oracleBalance: Double { mean(\.oracle) }
    /// The mean balance of foresight under the same budget.
    public var foresightBalance: Double { mean(\.foresight) }
    /// How much less the balance is than the oracle's, as a part of the oracle's.
    public var regret: Double { oracleBalance > 0 ? 1 - balance / oracleBalance : 0 }
    /// How much less the balance is than that of foresight under the same budget, as a part of it.
    public var forecastRegret: Double { foresightBalance > 0 ? 1 - balance / foresightBalance : 0 }
    /// Copies a window, as a part of all slots.
    public var copiedShare: Double { mean { Double($0.copies) } / Double(max(slotCount, 1)) }
    /// All copies.
    public var copies: Int { windows.reduce(0) { $0 + $1.copies } }

    private func mean(_ value: (Window) -> Double) -> Double {
        windows.isEmpty ? 1 : windows.reduce(0) { $0 + value($1) } / Double(windows.count)
    }
}
