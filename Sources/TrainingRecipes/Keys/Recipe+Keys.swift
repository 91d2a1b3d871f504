extension Recipe {
    /// The key whose value is the path of a Hugging Face configuration that sets the model section.
    package static let configKey = "model.config"

    /// The key whose value is the folder of a Hugging Face model. Its configuration sets the model section, unless the
    /// model's width is given beside it, as in a recipe with all keys.
    package static let weightsKey = "model.weights"
    static let widthKey = "model.hidden_size"

    /// The names of all sections.
    static let sections = Set(fields.map(\.section))

    private static let fieldsByName = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })

    /// Returns a name with `_` for `-`, as keys are printed.
    static func normalized(_ name: String) -> String { name.replacing("-", with: "_") }

    /// Returns the field of a normalized name.
    static func field(_ name: String) throws(RecipeError) -> RecipeField {
        guard let field = fieldsByName[name] else { throw unknownKey(name) }
        return field
    }

    /// Returns the normalized name of a key, and a description of its values for messages.
    ///
    /// - Parameters:
    ///   - name: The key with `-` or `_`.
    ///   - options: The names of command-line options, with `_` for `-`, that may be suggested for an unknown key.
    /// - Throws: ``RecipeError`` with the nearest known name if there is no such key.
    package static func key(
        _ name: String, or options: [String] = []
    ) throws(RecipeError) -> (name: String, typeName: String) {
        let name = normalized(name)
        if name == configKey { return (name, "the path of a Hugging Face config.json") }
        guard let field = fieldsByName[name] else { throw unknownKey(name, or: options) }
        return (name, field.typeName)
    }

    /// Returns an error message if the value of a key is not allowed; nil if it is, or if there is no such key.
    package func fault(ofKey name: String) -> String? { Self.fieldsByName[Self.normalized(name)]?.fault(in: self) }

    private static func unknownKey(_ name: String, or options: [String] = []) -> RecipeError {
        if let new = FormerKeys.all[name] {
            let meaning = fieldsByName[new].map { " (\($0.meaning))" } ?? ""
            return RecipeError("'\(name)' is now '\(new)'\(meaning)", isFormerKey: true)
        }
        let section = name.split(separator: ".").dropLast().joined(separator: ".")
        let key = String(name.split(separator: ".").last ?? "")
        if let reason = KeyAliases.absent[name] ?? KeyAliases.absent[section] ?? KeyAliases.absent[key] {
            return RecipeError("there is no key '\(name)' in a recipe: \(reason)")
        }
        let near = nearKeys(key, in: section, or: options)
        if !section.isEmpty, !sections.contains(section) {
            if near.isEmpty || NearName.of(section, among: sections.sorted()) != nil { return unknownSection(section) }
        }
        let remedy =
            near.isEmpty ? "--print-recipe lists all keys" : "did you mean '\(near.joined(separator: "' or '"))'?"
        return RecipeError("there is no key '\(name)' in a recipe: \(remedy)")
    }

    static func unknownSection(_ section: String) -> RecipeError {
        let names = sections.sorted()
        let remedy = NearName.of(section, among: names).map { "did you mean [\($0)]? Give" } ?? "give"
        let all = names.joined(separator: ", ")
        return RecipeError("there is no section [\(section)] in a recipe: \(remedy) one of \(all)")
    }

    /// Returns suggestions for an unknown key: the keys with the same name in other sections, else the key that has
    /// this name in other programs, else the nearest key of the section or, without a section, of all sections.
    private static func nearKeys(_ key: String, in section: String, or options: [String]) -> [String] {
        let same = fields.filter { $0.key == key }.map(\.name)
        if !same.isEmpty { return same }
        if let alias = KeyAliases.all[key] { return [alias] }
        var names = Dictionary(fields.filter { section.isEmpty || $0.section == section }.map { ($0.key, $0.name) }) {
            first, _ in first
        }
        if section.isEmpty {
            names.merge(options.map { ($0, "--" + $0.replacing("_", with: "-")) }) { $1 }
            names.merge(KeyAliases.all) { first, _ in first }
        } else if section == "model" {
            names["config"] = configKey
        }
        return NearName.of(key, among: names.keys.sorted()).flatMap { names[$0] }.map { [$0] } ?? []
    }
}
