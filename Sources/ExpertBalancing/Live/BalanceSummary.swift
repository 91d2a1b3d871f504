/// The distribution of many balances, such as those of all layers in all steps.
public struct BalanceSummary: Hashable, Sendable {
    /// The mean.
    public let mean: Double
    /// The median.
    public let p50: Double
    /// The balance that 95 % of the values reach.
    public let p5: Double
    /// The least balance.
    public let min: Double

    /// Creates the summary of values; all 1 without values. O(n log n).
    public init(_ balances: [Double]) {
        let sorted = balances.sorted()
        func percentile(_ percent: Int) -> Double {
            sorted.isEmpty ? 1 : sorted[Swift.max(0, (sorted.count * percent + 99) / 100 - 1)]
        }
        mean = sorted.isEmpty ? 1 : sorted.reduce(0, +) / Double(sorted.count)
        p50 = percentile(50)
        p5 = percentile(5)
        min = sorted.first ?? 1
    }
}
