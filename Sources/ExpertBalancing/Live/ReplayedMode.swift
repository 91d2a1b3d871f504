/// A mode as ``ModeReplay`` carries it out, step after step.
///
/// A further mode is a case of ``BalancingMode``, a type of this kind, and a line in ``ModeReplay``.
protocol ReplayedMode {
    /// Returns what the mode does in the next step. The mode chooses its placement before it sees the loads of the step.
    mutating func next(_ step: LoadHistory.Step) throws -> ModeReplay.Step
}
