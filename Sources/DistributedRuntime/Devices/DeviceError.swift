import TrainingRecipes

/// A rank has no device to compute on.
public struct DeviceError: Error, Hashable, CustomStringConvertible {
    /// The variable or file, the limit and the remedy, in one line.
    public let description: String

    package init(_ description: String) { self.description = description.oneLine }
}
