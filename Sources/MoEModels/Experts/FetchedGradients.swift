package import LibTorch

/// The gradients of the replicas that a rank fetches in a step, summed over micro-batches in the precision of the
/// optimizer. They return to the owners of the experts after the step's row.
package final class FetchedGradients {
    private struct Key: Hashable {
        let name: String
        let expert: Int
    }

    private var sums: [Key: Tensor] = [:]

    /// Returns the sum of an expert's gradients of a parameter, [shape…], which is 0 at first.
    package func sum(_ name: String, expert: Int, shape: [Int], type: ElementType) throws -> Tensor {
        let key = Key(name: name, expert: expert)
        if let known = sums[key] { return known }
        let sum = try Tensor.zeros(shape, type.accumulated)
        sums[key] = sum
        return sum
    }

    /// Begins a new step.
    package func clear() { sums = [:] }
}
