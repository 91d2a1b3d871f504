import TrainingRecipes

/// A checkpoint or saved weights are missing, not whole, or of another model.
public struct SavedStateError: Error, Hashable, CustomStringConvertible {
    /// The variable or file, the limit and the remedy, in one line.
    public let description: String

    package init(_ description: String) {
        self.description = description.oneLine
    }
}
