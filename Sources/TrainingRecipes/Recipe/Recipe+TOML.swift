import TOMLKit

extension Recipe {
    /// Changes the recipe by a TOML file's text; keys that the file does not have stay as they are.
    ///
    /// - Parameter source: What the text is called in messages, such as the file's name.
    /// - Throws: ``RecipeError`` naming the line of a syntax error, or the key, the expected type and the nearest known
    ///   key.
    public mutating func merge(toml text: String, source: String) throws(RecipeError) {
        if let line = TOMLHeaders.firstWithoutName(in: text) {
            throw RecipeError("\(source), line \(line): the section after '[' has no name: write [section]")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw RecipeError("\(source), line \(place.line), column \(place.column): \(error.description)")
        } catch {
            throw RecipeError("\(source): \(error)")
        }
        for section in table.keys.sorted() {
            guard Self.fields.contains(where: { $0.section == section }) else {
                let sections = Set(Self.fields.map(\.section)).sorted().joined(separator: ", ")
                throw RecipeError("\(source): there is no section [\(section)] in a recipe: it has \(sections)")
            }
            guard let entries = table[section]?.table else {
                throw RecipeError("\(source): '\(section)' is a section: write [\(section)] and its keys below")
            }
            for key in entries.keys.sorted() {
                guard let value = entries[key] else { continue }
                do {
                    try set("\(section).\(key)", to: value)
                } catch {
                    throw RecipeError("\(source): \(error.description)")
                }
            }
        }
    }

    private mutating func set(_ name: String, to value: any TOMLValueConvertible) throws(RecipeError) {
        let field = try Self.field(name)
        switch field.access {
        case .integer(let path):
            guard let number = value.int else { throw Self.wrongType(field, value.debugDescription) }
            self[keyPath: path] = number
        case .number(let path):
            guard let number = value.double ?? value.int.map(Double.init) else {
                throw Self.wrongType(field, value.debugDescription)
            }
            self[keyPath: path] = number
        case .text(let path):
            guard let text = value.string else { throw Self.wrongType(field, value.debugDescription) }
            self[keyPath: path] = text
        }
    }

    /// Changes one key to a value as an option spells it.
    ///
    /// - Throws: ``RecipeError`` naming the key, the expected type and the nearest known key.
    public mutating func set(_ name: String, to text: String) throws(RecipeError) {
        let field = try Self.field(name)
        switch field.access {
        case .integer(let path):
            guard let number = Int(text) else { throw Self.wrongType(field, text) }
            self[keyPath: path] = number
        case .number(let path):
            guard let number = Double(text), number.isFinite else { throw Self.wrongType(field, text) }
            self[keyPath: path] = number
        case .text(let path):
            self[keyPath: path] = text
        }
    }

    private static func field(_ name: String) throws(RecipeError) -> RecipeField {
        guard let field = fields.first(where: { $0.name == name }) else { throw RecipeError.unknownKey(name) }
        return field
    }

    private static func wrongType(_ field: RecipeField, _ value: String) -> RecipeError {
        RecipeError("\(field.name) is \(value), but it takes \(field.typeName): \(field.meaning)")
    }

    /// The recipe as TOML, with what each key means.
    public func toml() -> String {
        var text = ""
        var section = ""
        for field in Self.fields {
            if field.section != section {
                text += section.isEmpty ? "" : "\n"
                section = field.section
                text += "[\(section)]\n"
            }
            let entry = "\(field.key) = \(spelling(of: field))"
            let padding = String(repeating: " ", count: max(36 - entry.count, 1))
            text += "\(entry)\(padding)# \(field.meaning)\n"
        }
        return text
    }

    private func spelling(of field: RecipeField) -> String {
        switch field.access {
        case .integer(let path): String(self[keyPath: path])
        case .number(let path): String(self[keyPath: path])
        case .text(let path): Self.quoted(self[keyPath: path])
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
