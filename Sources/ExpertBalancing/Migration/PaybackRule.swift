/// When copies are worth their time: a copy is made where it saves more, until the next change, than it costs.
public struct PaybackRule: Hashable, Sendable {
    /// Seconds that the experts of all layers would take in one step if loads were perfectly balanced.
    public var stepSeconds: Double
    /// Steps until the placement changes again.
    public var steps: Double
    /// Seconds that one copy costs.
    public var copySeconds: Double

    /// A rule with the given times.
    public init(stepSeconds: Double, steps: Double, copySeconds: Double) {
        self.stepSeconds = stepSeconds
        self.steps = steps
        self.copySeconds = copySeconds
    }

    /// Whether going from one balance of a layer to another pays for its copies.
    func pays(from old: Double, to new: Double, copies: Int, layers: Int) -> Bool {
        let saved = stepSeconds * steps / Double(layers) * (1 / old - 1 / new)
        return saved > Double(copies) * copySeconds
    }
}
