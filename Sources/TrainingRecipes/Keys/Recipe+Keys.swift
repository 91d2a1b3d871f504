extension Recipe {
    /// The key that starts the model section from a Hugging Face configuration; its value is the file's path.
    package static let configKey = "model.config"

    /// All sections.
    static let sections = Set(fields.map(\.section))

    private static let fieldsByName = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })

    /// A name as keys are printed: `-` and `_` are the same.
    static func normalized(_ name: String) -> String { name.replacing("-", with: "_") }

    /// The field of a normalised name.
    static func field(_ name: String) throws(RecipeError) -> RecipeField {
        guard let field = fieldsByName[name] else { throw unknownKey(name) }
        return field
    }

    /// A key as it is printed, and the values that it takes, as messages name them.
    ///
    /// - Parameters:
    ///   - name: The key with `-` or `_`.
    ///   - options: Options without hyphens that the key may have been meant to be.
    /// - Throws: ``RecipeError`` with the nearest known name if there is no such key.
    package static func key(
        _ name: String, or options: [String] = []
    ) throws(RecipeError) -> (name: String, typeName: String) {
        let name = normalized(name)
        if name == configKey { return (name, "the path of a Hugging Face config.json") }
        guard let field = fieldsByName[name] else { throw unknownKey(name, or: options) }
        return (name, field.typeName)
    }

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
            let nearSection = NearName.of(section, among: sections.sorted())
            if nearSection != nil || near.isEmpty {
                let remedy = nearSection.map { "did you mean [\($0)]? Give" } ?? "give"
                let all = sections.sorted().joined(separator: ", ")
                return RecipeError("there is no section [\(section)] in a recipe: \(remedy) one of \(all)")
            }
        }
        let remedy = near.isEmpty ? "--print-recipe shows all" : "did you mean '\(near.joined(separator: "' or '"))'?"
        return RecipeError("there is no key '\(name)' in a recipe: \(remedy)")
    }

    /// Keys of that name in other sections, else the key that other programs call so, else the nearest key of the
    /// section, or of all if there is no such section.
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
