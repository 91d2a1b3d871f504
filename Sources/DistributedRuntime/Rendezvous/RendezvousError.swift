import TrainingRecipes

/// A failed rendezvous: a variable of the launcher is missing or wrong, or no server answers.
public struct RendezvousError: Error, Hashable, CustomStringConvertible {
    /// The message in one line: the variable or file, the limit and the remedy.
    public let description: String

    package init(_ description: String) { self.description = description.oneLine }

    /// Returns the number in a variable; nil if the variable is not set.
    static func number(_ name: String, in environment: [String: String]) throws(RendezvousError) -> Int? {
        guard let text = environment[name] else { return nil }
        guard let value = Int(text), value >= 0 else {
            throw RendezvousError("\(name) is '\(text)': it must be a whole number")
        }
        return value
    }
}
