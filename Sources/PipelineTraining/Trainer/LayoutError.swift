import TrainingRecipes

/// The number of ranks, the schedule, the mesh and the number of samples do not fit together.
public struct LayoutError: Error, Hashable, CustomStringConvertible {
    /// One line: the values, the limit and the remedy.
    public let description: String

    package init(_ description: String) { self.description = description.oneLine }
}
