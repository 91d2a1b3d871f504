/// A rule that accepts a copy only if it saves more time until the next change than it takes.
public struct PaybackRule: Hashable, Sendable {
    /// The seconds per step that the experts of all layers would take with perfectly balanced loads.
    public var stepSeconds: Double
    /// The number of steps until the placement changes again.
    public var steps: Double
    /// The seconds that one copy takes.
    public var copySeconds: Double
    /// The seconds that the master weights and moments of one expert take, if its owner moves.
    public var stateSeconds: Double

    /// Creates a rule with the given times.
    public init(stepSeconds: Double, steps: Double, copySeconds: Double, stateSeconds: Double = 0) {
        self.stepSeconds = stepSeconds
        self.steps = steps
        self.copySeconds = copySeconds
        self.stateSeconds = stateSeconds
    }

    /// Whether a change of one layer's balance from `old` to `new` saves more time than its copies take. `ownerMoves` is
    /// the number of experts whose owner moves.
    func pays(from old: Double, to new: Double, copies: Int, ownerMoves: Int = 0, layers: Int) -> Bool {
        let saved = stepSeconds * steps / Double(layers) * (1 / old - 1 / new)
        return saved > Double(copies) * copySeconds + Double(ownerMoves) * stateSeconds
    }
}
