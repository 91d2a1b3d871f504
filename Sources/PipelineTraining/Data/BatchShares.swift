/// How the samples of a global batch are shared by chains, micro-batches and the ranks of an expert-parallel group.
///
/// The batch depends on the step alone; a layout only cuts it. Chains take consecutive parts, the second chain the
/// second; within a micro-batch, each place in the expert-parallel group takes a consecutive share.
public struct BatchShares: Hashable, Sendable {
    /// Samples of one micro-batch on one rank.
    public let samplesPerMicrobatch: Int
    /// Ranks of the expert-parallel group.
    public let experts: Int
    /// Micro-batches of each chain.
    public let microbatches: [Int]

    /// Cuts `samples` into shares.
    ///
    /// - Parameter microbatches: Micro-batches of each chain.
    /// - Returns: nil where micro-batches × experts does not divide the samples.
    public init?(samples: Int, experts: Int, microbatches: [Int]) {
        let shares = microbatches.reduce(0, +) * experts
        guard shares > 0, samples > 0, samples.isMultiple(of: shares) else { return nil }
        samplesPerMicrobatch = samples / shares
        self.experts = experts
        self.microbatches = microbatches
    }

    /// The samples of the global batch that make up one micro-batch on one rank.
    public func samples(chain: Int, microbatch: Int, expert: Int) -> Range<Int> {
        let before = microbatches[..<chain].reduce(0, +) + microbatch
        let start = (before * experts + expert) * samplesPerMicrobatch
        return start..<start + samplesPerMicrobatch
    }
}
