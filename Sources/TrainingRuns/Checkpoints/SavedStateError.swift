import TrainingRecipes

/// A checkpoint, or saved weights, that are missing, incomplete, or from another model.
public struct SavedStateError: Error, Hashable, CustomStringConvertible {
    /// The file, the problem and the remedy, in one line.
    public let description: String

    /// Whether another rank has the error, and this rank ends because of it.
    package let isOfOtherRank: Bool

    package init(_ description: String, isOfOtherRank: Bool = false) {
        self.description = description.oneLine
        self.isOfOtherRank = isOfOtherRank
    }
}
