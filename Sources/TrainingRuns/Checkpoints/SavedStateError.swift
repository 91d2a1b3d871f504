import TrainingRecipes

/// A checkpoint, or saved weights, that are missing, incomplete, or from another model.
public struct SavedStateError: Error, Hashable, CustomStringConvertible {
    /// The file, the problem and the remedy, in one line.
    public let description: String

    package init(_ description: String) {
        self.description = description.oneLine
    }
}
