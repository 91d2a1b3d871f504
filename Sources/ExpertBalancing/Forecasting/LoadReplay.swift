/// A stream of loads run through a policy: what balance it would have had, and at which cost.
///
/// Before each window a plan is made from the windows before it, the placement changes by at most the copies allowed,
/// and its balance on the window itself is taken. The oracle places every window perfectly, knowing it.
public struct LoadReplay: Hashable, Sendable {
    /// What one window came to.
    public struct Window: Hashable, Sendable {
        /// The mean balance of the layers.
        public let balance: Double
        /// The mean balance of a plan that knows the window.
        public let oracle: Double
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

        /// Options with the given values.
        public init(
            forecast: Forecast? = nil, cadence: Int = 1, maxCopies: Int? = nil, caution: Double = 0,
            noise: NoiseRule? = NoiseRule(), sharing: TokenSharing = .equal
        ) {
            self.forecast = forecast
            self.cadence = max(1, cadence)
            self.maxCopies = maxCopies
            self.caution = caution
            self.noise = noise
            self.sharing = sharing
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
        var placement = try policy.plan(history[0]).placement
        var planner = try IncrementalPlanner(world: world, expertCount: stream.expertCount)
        var windows: [Window] = []
        for index in 1..<max(history.count, 1) {
            var copies = 0
            let past = history[0..<index]
            var forecast = options.forecast ?? .last
            if (index - 1).isMultiple(of: options.cadence), index > 1 {
                if options.forecast == nil { forecast = Forecast.backTested(on: past) }
                let expected = try ExpertLoads(
                    forecast.cautious(after: past, deviations: options.caution), expertCount: stream.expertCount)
                let next: Placement
                if options.maxCopies == nil, options.noise == nil {
                    next = try Self.replanned(placement, for: expected, by: &planner)
                } else {
                    let rebalancing = BudgetedRebalancing(
                        world: world, maxCopies: options.maxCopies ?? slotCount, noise: options.noise)
                    next = try rebalancing.rebalance(placement, for: expected)
                }
                copies = MigrationPlan(from: placement, to: next).copies.count
                placement = next
            }
            let oracle = try policy.plan(history[index])
            windows.append(
                Window(
                    balance: try Self.balance(placement, history[index], oracle, policy, options.sharing),
                    oracle: try Self.balance(oracle.placement, history[index], oracle, policy, options.sharing),
                    copies: copies, forecast: forecast))
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

    /// Without a budget to keep, every layer goes as far as it can.
    private static func replanned(
        _ placement: Placement, for loads: ExpertLoads, by planner: inout IncrementalPlanner
    ) throws -> Placement {
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

    /// The mean balance over the windows.
    public var balance: Double { mean(\.balance) }
    /// The mean balance of the oracle.
    public var oracleBalance: Double { mean(\.oracle) }
    /// How much less the balance is than the oracle's, as a part of the oracle's.
    public var regret: Double { oracleBalance > 0 ? 1 - balance / oracleBalance : 0 }
    /// Copies a window, as a part of all slots.
    public var copiedShare: Double { mean { Double($0.copies) } / Double(max(slotCount, 1)) }
    /// All copies.
    public var copies: Int { windows.reduce(0) { $0 + $1.copies } }

    private func mean(_ value: (Window) -> Double) -> Double {
        windows.isEmpty ? 1 : windows.reduce(0) { $0 + value($1) } / Double(windows.count)
    }
}
