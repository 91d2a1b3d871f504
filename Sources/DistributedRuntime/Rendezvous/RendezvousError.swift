import TrainingRecipes

/// Ranks cannot find each other: a variable of their launcher is missing or wrong, or no rank answers.
public struct RendezvousError: Error, Hashable, CustomStringConvertible {
    /// The variable or file, the limit and the remedy, in one line.
    public let description: String

    package init(_ description: String) { self.description = description.oneLine }
}
