import LibTorch

/// The values that the stages of a rank have reported in a step, summed by name. They stay on the device until the end of
/// the step.
final class Observations {
    private var sums: [String: Tensor] = [:]

    func add(_ name: String, _ values: Tensor) throws {
        let values = try values.reshaped([-1]).converted(to: .float64)
        sums[name] = try sums[name]?.adding(values) ?? values
    }

    /// Returns the sums in the order of `layout` as a float64 vector, zeros for values that this rank does not report,
    /// and resets them.
    func take(_ layout: [(name: String, count: Int)]) throws -> Tensor {
        defer { sums.removeAll(keepingCapacity: true) }
        return try Tensor.concatenated(
            layout.map { try sums[$0.name] ?? .zeros([$0.count], .float64) } + [.zeros([0], .float64)], along: 0)
    }
}
