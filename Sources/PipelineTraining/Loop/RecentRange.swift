/// The recent values of a number that changes slowly, such as a loss, to tell values far above them.
struct RecentRange {
    private var values: [Double] = []

    /// The number of values that the range is made of, and the least number of values that make a range.
    private static let (longest, shortest) = (100, 20)

    /// Adds a value, and returns whether it is far above the recent ones: above their median by more than 10 times
    /// their median distance from it, and by more than a tenth of the median. Such a value does not widen the range.
    mutating func add(_ value: Double) -> Bool {
        if values.count >= Self.shortest {
            let median = Self.median(values)
            let distance = Self.median(values.map { abs($0 - median) })
            guard value <= median + max(10 * distance, abs(median) / 10) else { return true }
        }
        values = values.suffix(Self.longest - 1) + [value]
        return false
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
