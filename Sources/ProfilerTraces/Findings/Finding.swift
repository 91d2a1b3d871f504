/// A cause of lost time, with the most that could be had by removing it.
public struct Finding: Hashable, Sendable {
    /// The cause, as one sentence.
    public var title: String
    /// The rank that it was found on; nil if it concerns the whole run.
    public var rank: Int?
    /// The most that could be had, in nanoseconds.
    public var time: Int64
    /// The same as a part of the rank's span, 0 to 1.
    public var share: Double
    /// Kernels and times that show it.
    public var evidence: [String]

    /// The least share of a span that is reported.
    static let leastShare = 0.001
}
