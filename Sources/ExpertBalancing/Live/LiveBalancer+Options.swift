extension LiveBalancer {
    /// The settings of mode live.
    public struct Options: Hashable, Sendable {
        /// The number of steps from one plan to the next. A plan also uses the loads of at most this many steps.
        public var interval = 100
        /// The balance below which a plan is made at once: the mean over layers in one step.
        public var minimumBalance = 0.95
        /// The number of consecutive steps below ``minimumBalance`` after which a plan is made at once, so that one
        /// unusual step moves nothing.
        public var confirmingSteps = 2
        /// The balance that suffices: a layer that has it is not changed further.
        public var targetBalance = 0.98
        /// The number of steps from the step after which a plan is requested to the step in which its first copies are
        /// made: at least 1.
        public var planningSteps = 2
        /// The copies that a device may send, and the copies that it may receive, per step.
        public var copiesPerStep = 4
        /// The copies that each plan may make, over all layers; nil for no limit.
        public var maxCopies: Int?
        /// The rule that decides whether a layer's loads have changed; nil if every difference counts.
        ///
        /// A run compares a layer's devices thousands of times. With 7.5 standard deviations of one count, which are
        /// 5.3 of the difference of two counts, one run in a thousand makes a copy by chance.
        public var noise: NoiseRule? = NoiseRule(significance: 7.5)
        /// The times by which a copy has to pay within the next interval; nil if every copy that improves the balance
        /// is worth it.
        public var costs: LiveCosts?
        /// The forecast; nil chooses a forecast by a backtest on the recent steps.
        public var forecast: Forecast?
        /// The division of an expert's tokens among its replicas.
        public var sharing = LoadReplay.TokenSharing.best
        /// The sizes by which plans state their bytes.
        public var expertBytes = ExpertBytes()

        /// Creates the default settings.
        public init() {}

        /// The number of steps whose loads are kept. Even if every step has a plan, forecasts compare several steps.
        var historyLength: Int { max(interval, 16) }

        /// The forecasts that the backtest chooses from, from the least to the most sampling noise.
        var candidates: [Forecast] {
            [
                .mean(windows: historyLength), .exponential(decay: 0.95), .mean(windows: 16), .exponential(decay: 0.8),
                .mean(windows: 4), .exponential(decay: 0.5), .trend(windows: 8), .last,
            ]
        }

        /// Checks the settings.
        ///
        /// - Throws: ``BalancingError`` that names the value and the limit.
        func check() throws(BalancingError) {
            for (name, value) in [
                ("interval", interval), ("number of confirming steps", confirmingSteps),
                ("number of planning steps", planningSteps), ("limit on copies per step", copiesPerStep),
            ] where !(1...1 << 20).contains(value) {
                throw BalancingError("the \(name) is \(value): give 1 to \(1 << 20)")
            }
            for (name, value) in [("minimum", minimumBalance), ("target", targetBalance)]
            where !(value >= 0 && value <= 1) {
                throw BalancingError("the \(name) balance is \(value): give 0 to 1")
            }
        }
    }
}
