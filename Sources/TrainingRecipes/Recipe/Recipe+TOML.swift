extension Recipe {
    /// Changes the recipe by the text of a TOML file. Keys that are not in the text keep their values.
    ///
    /// `model.config` sets the model section from the Hugging Face configuration in that file, before any other key of
    /// the text. Without it, `model.weights` does so from the configuration in that folder.
    ///
    /// - Parameters:
    ///   - source: The name of the text in error messages, such as the file's path.
    ///   - isSaved: Whether a run wrote the text, so that a former key indicates an older version.
    /// - Returns: The names of the keys in the text.
    /// - Throws: ``RecipeError`` naming the line of a syntax error, or the key, its possible values and the nearest
    ///   known key.
    @discardableResult
    public mutating func merge(
        toml text: String, source: String, isSaved: Bool = false
    ) throws(RecipeError) -> Set<String> {
        let entries = try Self.entries(of: Self.table(text, source), source)
        do throws(RecipeError) {
            if let config = entries[Self.configKey] {
                guard case .text(let path) = config else {
                    throw RecipeError("model.config is \(config.description): give the path of a config.json")
                }
                try readHuggingFace(path)
            } else if entries[Self.widthKey] == nil, case .text(let folder) = entries[Self.weightsKey], !folder.isEmpty
            {
                try readHuggingFace(configurationOf: folder)
            }
            for (name, value) in entries.sorted(by: { $0.key < $1.key }) where name != Self.configKey {
                try set(Self.field(name), to: value)
            }
        } catch {
            let was = isSaved && error.isFormerKey ? " was written by an older version" : ""
            throw RecipeError("\(source)\(was): \(error.description)")
        }
        return Set(entries.keys)
    }

    private static func table(_ text: String, _ source: String) throws(RecipeError) -> [String: RecipeValue] {
        let table: [String: RecipeValue]
        do throws(TOMLError) {
            table = try TOMLText.values(text)
        } catch {
            throw RecipeError("\(source)\(error.place.map { ", " + $0 } ?? ""): \(error.reason)")
        }
        guard !table.isEmpty else {
            throw RecipeError("\(source) has no keys: --print-recipe prints a recipe with all keys")
        }
        return table
    }

    /// Returns the values of a table and of its subtables, by their normalized names.
    private static func entries(
        of table: [String: RecipeValue], _ source: String, in section: String = ""
    ) throws(RecipeError) -> [String: RecipeValue] {
        var result: [String: RecipeValue] = [:]
        for (key, value) in table {
            let name = section + normalized(key)
            var inner = [name: value]
            if case .table(let table) = value {
                if table.isEmpty, !sections.contains(name) {
                    throw RecipeError("\(source): \(unknownSection(name).description)")
                }
                inner = try entries(of: table, source, in: name + ".")
            } else if sections.contains(name) {
                throw RecipeError("\(source): '\(name)' is a section: write [\(name)] and its keys below it")
            }
            for (name, value) in inner where result.updateValue(value, forKey: name) != nil {
                throw RecipeError("\(source): '\(name)' is given twice: '-' and '_' are the same in keys")
            }
        }
        return result
    }

    /// Returns the recipe as TOML, with the meaning of each key in a comment.
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
            let padding = String(repeating: " ", count: max(42 - entry.count, 1))
            text += "\(entry)\(padding)# \(field.meaning)\n"
        }
        return text
    }

    func spelling(of field: RecipeField) -> String {
        switch field.access {
        case .integer(let path, _): String(self[keyPath: path])
        case .number(let path, _): String(self[keyPath: path])
        case .flag(let path): String(self[keyPath: path])
        case .text(let path): Self.quoted(self[keyPath: path])
        case .texts(let path): Self.spelling(of: self[keyPath: path])
        case .numbers(let path): "[\(self[keyPath: path].map { "\($0)" }.joined(separator: ", "))]"
        case .word(let word): Self.quoted(word.read(self))
        }
    }

    private static func spelling(of texts: [String]) -> String {
        texts.count == 1 ? quoted(texts[0]) : "[\(texts.map(quoted).joined(separator: ", "))]"
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
