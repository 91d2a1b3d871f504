import TrainingRecipes

/// A missing device for a rank.
public struct DeviceError: Error, Hashable, CustomStringConvertible {
    /// The message in one line: the variable, the limit and the remedy.
    public let description: String

    package init(_ description: String) { self.description = description.oneLine }
}
