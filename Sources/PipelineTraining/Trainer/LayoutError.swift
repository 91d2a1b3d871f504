import TrainingRecipes

/// Ranks, schedule, mesh and samples do not fit each other.
public struct LayoutError: Error, Hashable, CustomStringConvertible {
    /// The variable or file, the limit and the remedy, in one line.
    public let description: String

    package init(_ description: String) { self.description = description.oneLine }
}
