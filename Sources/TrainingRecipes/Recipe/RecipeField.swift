/// One key of a recipe: its place, its meaning, its values, and the way to them.
public struct RecipeField: Sendable {
    /// The type of a key's values, which of them are allowed, and the way to the value.
    public enum Access: Sendable {
        /// A whole number.
        case integer(any WritableKeyPath<Recipe, Int> & Sendable, ClosedRange<Int>)
        /// A number.
        case number(any WritableKeyPath<Recipe, Double> & Sendable, NumberRange)
        /// A text.
        case text(any WritableKeyPath<Recipe, String> & Sendable)
        /// `true` or `false`.
        case flag(any WritableKeyPath<Recipe, Bool> & Sendable)
        /// A word of a closed set.
        case word(WordAccess)

        static func word(_ path: any WritableKeyPath<Recipe, some RecipeWord> & Sendable) -> Access {
            .word(WordAccess(path))
        }
    }

    /// The numbers that a key takes; the raw value names them in messages.
    public enum NumberRange: String, Sendable {
        /// Every number from 0 on.
        case fromZero = "a number from 0 on"
        /// Every number from 0 to 1, without 1.
        case belowOne = "a number from 0 on and below 1"
        /// Every number from 0 to 1.
        case throughOne = "a number from 0 to 1"
        /// Every number from 1 on.
        case fromOne = "a number from 1 on"

        func contains(_ value: Double) -> Bool {
            guard value.isFinite else { return false }
            return switch self {
            case .fromZero: value >= 0
            case .belowOne: (0..<1).contains(value)
            case .throughOne: (0...1).contains(value)
            case .fromOne: value >= 1
            }
        }
    }

    /// The section, such as `optimizer` or `model.rope_scaling`.
    public let section: String
    /// The key within the section, such as `lr`.
    public let key: String
    /// The allowed values and the way to the value.
    public let access: Access
    /// What the key means, in a few words.
    public let meaning: String

    /// Section and key, as options spell them: `optimizer.lr`.
    public var name: String { "\(section).\(key)" }

    /// The values that the key takes, as messages name them.
    package var typeName: String {
        switch access {
        case .integer: "a whole number"
        case .number: "a number"
        case .text: "a text"
        case .flag: "true or false"
        case .word(let word): word.list
        }
    }

    /// What is wrong with the value that a recipe has; nil if it is allowed.
    func fault(in recipe: Recipe) -> String? {
        switch access {
        case .integer(let path, let range):
            let value = recipe[keyPath: path]
            guard !range.contains(value) else { return nil }
            let limit = value < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
            return "\(name) is \(value): it must be \(limit)"
        case .number(let path, let range):
            let value = recipe[keyPath: path]
            return range.contains(value) ? nil : "\(name) is \(value): it must be \(range.rawValue)"
        case .text, .flag, .word:
            return nil
        }
    }
}
