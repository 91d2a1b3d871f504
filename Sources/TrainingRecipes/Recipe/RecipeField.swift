/// A key of a recipe: its section, its meaning, its allowed values, and access to its value.
public struct RecipeField: Sendable {
    /// The type of a key's values, the allowed values, and the key path of the value.
    public enum Access: Sendable {
        /// A whole number.
        case integer(any WritableKeyPath<Recipe, Int> & Sendable, ClosedRange<Int>)
        /// A number.
        case number(any WritableKeyPath<Recipe, Double> & Sendable, NumberRange)
        /// A text.
        case text(any WritableKeyPath<Recipe, String> & Sendable)
        /// A text, or a list of texts.
        case texts(any WritableKeyPath<Recipe, [String]> & Sendable)
        /// A list of numbers.
        case numbers(any WritableKeyPath<Recipe, [Double]> & Sendable)
        /// `true` or `false`.
        case flag(any WritableKeyPath<Recipe, Bool> & Sendable)
        /// A word of a closed set.
        case word(WordAccess)

        static func word(_ path: any WritableKeyPath<Recipe, some RecipeWord> & Sendable) -> Access {
            .word(WordAccess(path))
        }
    }

    /// A range of numbers. The raw value is its description in messages.
    public enum NumberRange: String, Sendable {
        /// All numbers that are at least 0.
        case fromZero = "a number of at least 0"
        /// All numbers from 0 to 1, excluding 1.
        case belowOne = "a number from 0 to below 1"
        /// All numbers from 0 to 1.
        case throughOne = "a number from 0 to 1"
        /// All numbers that are at least 1.
        case fromOne = "a number of at least 1"

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
    /// The allowed values and the key path of the value.
    public let access: Access
    /// The meaning of the key, in a few words.
    public let meaning: String

    /// The section and the key, such as `optimizer.lr`.
    public var name: String { "\(section).\(key)" }

    /// The description of the key's values in messages.
    package var typeName: String {
        switch access {
        case .integer: "a whole number"
        case .number: "a number"
        case .text: "a text"
        case .texts: "a text or a list of texts"
        case .numbers: "a list of numbers"
        case .flag: "true or false"
        case .word(let word): word.list
        }
    }

    /// Returns an error message for the value in a recipe, or nil if the value is allowed.
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
        case .text, .texts, .numbers, .flag, .word:
            return nil
        }
    }
}
