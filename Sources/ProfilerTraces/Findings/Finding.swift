/// A cause of lost time, with an upper bound of the time that its removal would save.
public struct Finding: Hashable, Sendable {
    /// The cause, as one sentence.
    public var title: String
    /// The rank that the finding is of; nil if it concerns the whole run.
    public var rank: Int?
    /// The upper bound of the time saved, in nanoseconds.
    public var time: Int64
    /// The upper bound as a share of the rank's span, 0 to 1.
    public var share: Double
    /// The kernels and times that the finding rests on, one sentence or phrase each.
    public var evidence: [String]

    /// The smallest share of a span that is reported.
    static let leastShare = 0.001
}
