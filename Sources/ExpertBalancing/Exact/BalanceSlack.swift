/// The part of the mean by which the tokens of a rank may exceed the mean over ranks, as a rational number.
///
/// All ranks must make the same plan, so that the slack is stored as whole millionths and used in integers alone.
public struct BalanceSlack: Hashable, Sendable {
    /// No slack: no rank exceeds the mean, rounded up.
    public static let none = BalanceSlack(unchecked: 0)
    /// The largest slack, in millionths: 1000 times the mean.
    static let limit = 1_000_000_000

    /// The slack in millionths of the mean.
    public let millionths: Int

    /// Creates a slack from millionths of the mean.
    ///
    /// - Throws: ``BalancingError`` if the value is not from 0 to 1,000,000,000.
    public init(millionths: Int) throws(BalancingError) {
        guard (0...Self.limit).contains(millionths) else {
            throw BalancingError("a slack of \(millionths) millionths is out of range: give 0 to \(Self.limit)")
        }
        self.init(unchecked: millionths)
    }

    /// Creates a slack from a fraction of the mean, rounded to millionths.
    ///
    /// - Throws: ``BalancingError`` if the value is not from 0 to 1000.
    public init(_ fraction: Double) throws(BalancingError) {
        guard fraction >= 0, fraction <= 1000 else {
            throw BalancingError("a slack of \(fraction) is out of range: give 0 to 1000")
        }
        self.init(unchecked: Int((fraction * 1_000_000).rounded()))
    }

    private init(unchecked millionths: Int) { self.millionths = millionths }

    /// Returns the tokens that a rank may process if `total` tokens are divided among `rankCount` ranks: the larger of
    /// ⌈mean⌉ and ⌊(1 + slack) · mean⌋, at most `total`.
    ///
    /// - Parameters:
    ///   - total: The tokens of all ranks, from 0 to 2³¹ - 1.
    ///   - rankCount: The number of ranks, at least 1.
    public func tokenLimit(total: Int, rankCount: Int) -> Int {
        let ceiling = (total + rankCount - 1) / rankCount
        return max(ceiling, min(total, (1_000_000 + millionths) * total / (1_000_000 * rankCount)))
    }
}
