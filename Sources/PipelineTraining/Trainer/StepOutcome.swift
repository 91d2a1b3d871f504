/// The results of a step over all ranks.
public struct StepOutcome: Sendable {
    /// The values that the stages reported, by name, summed over micro-batches and ranks.
    public let observations: [String: [Double]]
    /// The numbers that the callers passed as `reports`, summed over ranks.
    public let reports: [Double]
    /// The norm of the whole model's gradient before clipping; nil after an evaluation.
    public let gradientNorm: Double?
    /// The balance of the ranks of expert-parallel groups in each layer of routed experts: the mean of the rows that a
    /// rank computes, divided by the largest, both summed over micro-batches. Empty if one rank holds all experts.
    public let deviceBalances: [Double]

    /// The mean of ``deviceBalances``; nil if there are none.
    public var deviceBalance: Double? {
        deviceBalances.isEmpty ? nil : deviceBalances.reduce(0, +) / Double(deviceBalances.count)
    }

    /// Returns the sum of the numbers of an observation; 0 if there is no observation of that name.
    public func total(_ name: String) -> Double { observations[name]?.reduce(0, +) ?? 0 }
}

/// A loss or a gradient is NaN or infinite. No rank has changed its parameters.
public struct NonFiniteError: Error, CustomStringConvertible {
    /// The step, from 1; nil outside of training.
    public let step: Int?
    /// The ranks whose own losses or gradients were not finite before they were summed. If all were finite, the ranks
    /// that own gradients whose sum is not finite.
    public let ranks: [Int]

    /// One line: the step and the ranks.
    var problem: String {
        let names = ranks.map(String.init).joined(separator: ", ")
        let prefix = step.map { "in step \($0), " } ?? ""
        return prefix + "the loss or gradient of \(ranks.count == 1 ? "rank" : "ranks") \(names) is not finite"
    }

    /// One line: the step, the ranks and the remedy.
    public var description: String {
        problem + ": lower the learning rate or check the data of the \(ranks.count == 1 ? "rank" : "ranks"); no rank "
            + "has changed its parameters"
    }
}
