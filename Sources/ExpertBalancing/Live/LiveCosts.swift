/// The times by which mode live decides whether a copy is worth its time.
public struct LiveCosts: Hashable, Sendable {
    /// The seconds that a device of speed 1 computes one token of one expert: forward and backward.
    public var secondsPerToken: Double
    /// The seconds that a copy of one expert's weights takes.
    public var secondsPerCopy: Double
    /// The seconds that a copy of one expert's master weights and moments takes.
    public var secondsPerState: Double

    /// Creates costs.
    public init(secondsPerToken: Double, secondsPerCopy: Double, secondsPerState: Double) {
        self.secondsPerToken = secondsPerToken
        self.secondsPerCopy = secondsPerCopy
        self.secondsPerState = secondsPerState
    }
}
