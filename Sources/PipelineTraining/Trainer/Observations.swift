/// The values that the stages of a rank have reported in a step, summed by name.
final class Observations {
    private var sums: [String: [Double]] = [:]

    func add(_ name: String, _ values: [Double]) {
        sums[name] = sums[name].map { zip($0, values).map(+) } ?? values
    }

    /// Returns the sums in the order of `layout`, zeros for values that this rank does not report, and resets them.
    func take(_ layout: [(name: String, count: Int)]) -> [Double] {
        defer { sums.removeAll(keepingCapacity: true) }
        return layout.flatMap { sums[$0.name] ?? Array(repeating: 0, count: $0.count) }
    }
}
