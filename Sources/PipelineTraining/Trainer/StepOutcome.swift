/// What a step came to, over all ranks.
public struct StepOutcome: Sendable {
    /// What the stages reported, added up over micro-batches and ranks, by name.
    public let observations: [String: [Double]]
    /// What every rank's caller passed on, added up.
    public let reports: [Double]
    /// The norm of the whole model's gradient before clipping; nil after an evaluation.
    public let gradientNorm: Double?

    /// The sum of a report's numbers, 0 where there is none.
    public func total(_ name: String) -> Double { observations[name]?.reduce(0, +) ?? 0 }
}

/// A loss or a gradient is NaN or infinite; no rank has changed its parameters.
public struct NonFiniteError: Error, CustomStringConvertible {
    /// The step, from 1; nil outside of training.
    public let step: Int?
    /// The ranks whose own part was not finite, before anything was summed.
    public let ranks: [Int]

    /// One line.
    public var description: String {
        let names = ranks.map(String.init).joined(separator: ", ")
        let place = step.map { "in step \($0), " } ?? ""
        return place
            + "the loss or gradient of rank \(names) is not finite: lower the learning rate or look at its data; "
            + "no rank has changed its parameters"
    }
}
