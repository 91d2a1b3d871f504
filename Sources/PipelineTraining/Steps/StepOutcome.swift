/// What a step came to, over all ranks.
package struct StepOutcome {
    /// What the stages reported, added up over micro-batches and ranks, by name.
    package let observations: [String: [Double]]
    /// What every rank's caller passed on, added up.
    package let reports: [Double]
    /// The norm of the whole model's gradient before clipping; nil after an evaluation.
    package let gradientNorm: Double?

    /// The sum of a report's numbers, 0 where there is none.
    package func total(_ name: String) -> Double {
        observations[name]?.reduce(0, +) ?? 0
    }
}

/// A loss or a gradient is NaN or infinite; no rank has changed its parameters.
package struct NonFiniteError: Error, CustomStringConvertible {
    /// The ranks whose own part was not finite, before anything was summed.
    package let ranks: [Int]

    package var description: String {
        let names = ranks.map(String.init).joined(separator: ", ")
        return "the loss or gradient of rank \(names) is not finite: lower the learning rate or look at its data; "
            + "no rank has changed its parameters"
    }
}
