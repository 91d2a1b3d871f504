package import SchedulePlanning
import TrainingRecipes

extension CostTable {
    /// Sets the costs that a TOML text gives, by their names in ``CostKey``.
    ///
    /// - Throws: `TOMLError` if the text is not TOML, ``CostTableError`` if a key or a value is impossible.
    package mutating func read(toml text: String) throws {
        let table = try TOMLText.values(text)
        guard !table.isEmpty else {
            throw CostTableError.impossible(
                "the file has no costs: give at least one; --print-costs writes a file with all keys")
        }
        var names: [String] = []
        func set(_ key: String, _ value: RecipeValue) throws {
            names.append(key)
            try self.set(key, Self.numbers(value, key))
        }
        for (key, value) in table.sorted(by: { $0.key < $1.key }) {
            guard case .table(let section) = value else {
                try set(key, value)
                continue
            }
            guard CostKey.all.contains(where: { $0.section == key }) else { throw CostTableError.unknownKey(key) }
            guard !section.isEmpty else {
                throw CostTableError.impossible("the section [\(key)] is empty: give its keys, or remove it")
            }
            for (inner, value) in section.sorted(by: { $0.key < $1.key }) { try set("\(key).\(inner)", value) }
        }
        try Self.checkAlternatives(among: names)
    }

    /// Returns the numbers of a value: a number, or a list of numbers.
    private static func numbers(_ value: RecipeValue, _ key: String) throws(CostTableError) -> [Double] {
        guard case .list(let list) = value else { return [try number(value, key)] }
        return try list.map { value throws(CostTableError) in try number(value, key) }
    }

    private static func number(_ value: RecipeValue, _ key: String) throws(CostTableError) -> Double {
        switch value {
        case .number(let number): return number
        case .integer(let number): return Double(number)
        default:
            throw .impossible("\(key) is \(value.description.prefix(40)): give a number or a list of numbers")
        }
    }
}
