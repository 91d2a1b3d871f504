extension Recipe {
    /// The slots of routed experts on the ranks of an expert-parallel group.
    public struct ExpertsSection: Hashable, Sendable {
        /// The balancing of experts.
        public var balance = ExpertBalance.off
        /// The path of a placement; "" for shares of consecutive experts.
        public var placement = ""
        /// The number of free slots per rank, for the balance `exact`.
        public var balanceSlots = 2
        /// The part of the mean by which the tokens of a rank may exceed the mean, for the balance `exact`.
        public var balanceSlack = 0.0
        /// The rule that divides the tokens of an expert among its replicas.
        public var tokenSplit = TokenSplitRule.exact

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }

    /// The balancing of experts among ranks.
    public enum ExpertBalance: String, RecipeWord {
        /// Each rank holds its share of consecutive experts.
        case off
        /// The experts have the slots of a placement for the whole run.
        case `static`
        /// Each micro-batch of each layer fetches replicas into free slots, so that all ranks compute equally many tokens.
        case exact
    }

    /// The rule that divides the tokens of an expert among its replicas.
    public enum TokenSplitRule: String, RecipeWord {
        /// The largest rank computes the fewest tokens that the slots allow, in every micro-batch.
        case exact
        /// All replicas take equally many tokens.
        case equal
        /// A replica takes the tokens of its own rank.
        case nearest
    }
}
