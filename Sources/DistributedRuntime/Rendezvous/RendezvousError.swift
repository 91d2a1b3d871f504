import TrainingRecipes

/// A failed rendezvous: a variable of the launcher is missing or wrong, or no server answers.
public struct RendezvousError: Error, Hashable, CustomStringConvertible {
    /// The message in one line: the variable or file, the limit and the remedy.
    public let description: String

    package init(_ description: String) { self.description = description.oneLine }
}
