/// The division of a global batch among chains, micro-batches and the ranks of an expert-parallel group.
///
/// The global batch depends only on the step; a layout divides it. The chains take consecutive parts in their order.
/// Within a micro-batch, the ranks of the expert-parallel group take consecutive shares.
public struct BatchShares: Hashable, Sendable {
    /// The number of samples per micro-batch on one rank.
    public let samplesPerMicrobatch: Int
    /// The number of ranks of the expert-parallel group.
    public let experts: Int
    /// The number of micro-batches of each chain.
    public let microbatches: [Int]

    /// Divides `samples` samples into shares.
    ///
    /// - Parameters:
    ///   - samples: The number of samples of the global batch.
    ///   - experts: The number of ranks of the expert-parallel group.
    ///   - microbatches: The number of micro-batches of each chain.
    /// - Returns: nil if `samples` is not a positive multiple of micro-batches × experts.
    public init?(samples: Int, experts: Int, microbatches: [Int]) {
        let shares = microbatches.reduce(0, +) * experts
        guard shares > 0, samples > 0, samples.isMultiple(of: shares) else { return nil }
        samplesPerMicrobatch = samples / shares
        self.experts = experts
        self.microbatches = microbatches
    }

    /// Returns the samples of the global batch in one micro-batch on one rank.
    public func samples(chain: Int, microbatch: Int, expert: Int) -> Range<Int> {
        let before = microbatches[..<chain].reduce(0, +) + microbatch
        let start = (before * experts + expert) * samplesPerMicrobatch
        return start..<start + samplesPerMicrobatch
    }
}
