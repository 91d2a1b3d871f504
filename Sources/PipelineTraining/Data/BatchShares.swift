/// How the sequences of a global batch are shared by chains, micro-batches and the ranks of an expert-parallel group.
///
/// The batch depends on the step alone; a layout only cuts it. Chains take consecutive parts, the second chain the
/// second; within a micro-batch, each place in the expert-parallel group takes a consecutive share.
public struct BatchShares: Hashable, Sendable {
    /// Sequences of one micro-batch on one rank.
    public let sequencesPerShare: Int
    /// Ranks of the expert-parallel group.
    public let experts: Int
    /// Micro-batches of each chain.
    public let microbatches: [Int]

    /// Cuts `sequences` into shares.
    ///
    /// - Returns: nil where micro-batches × experts does not divide the sequences.
    public init?(sequences: Int, experts: Int, microbatches: [Int]) {
        let shares = microbatches.reduce(0, +) * experts
        guard shares > 0, sequences > 0, sequences.isMultiple(of: shares) else { return nil }
        sequencesPerShare = sequences / shares
        self.experts = experts
        self.microbatches = microbatches
    }

    /// The sequences of the global batch that make up one micro-batch on one rank.
    public func sequences(chain: Int, microbatch: Int, expert: Int) -> Range<Int> {
        let before = microbatches[..<chain].reduce(0, +) + microbatch
        let start = (before * experts + expert) * sequencesPerShare
        return start..<start + sequencesPerShare
    }
}
