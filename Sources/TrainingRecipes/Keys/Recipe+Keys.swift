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
        if let absent = KeyAliases.absent[key] {
            return RecipeError(
                "there is no key '\(name)' in a recipe, as there is no \(absent): ranks are "
                    + "parallelism.pipeline_parallel_degree x parallelism.expert_parallel_degree")
        }
        if !section.isEmpty, !sections.contains(section) {
            let near = NearName.of(section, among: sections.sorted()).map { "did you mean [\($0)]? " } ?? ""
            let all = sections.sorted().joined(separator: ", ")
            return RecipeError("there is no section [\(section)] in a recipe: \(near)It has \(all)")
        }
        let near = nearKeys(name, key: key, or: options)
        guard !near.isEmpty else {
            return RecipeError("there is no key '\(name)' in a recipe: --print-recipe shows all")
        }
        let names = near.map { "'\($0)'" }.joined(separator: " or ")
        return RecipeError("there is no key '\(name)' in a recipe: did you mean \(names)?")
    }

    /// Keys of that name in other sections, else the key that other programs call so, else the nearest name.
    private static func nearKeys(_ name: String, key: String, or options: [String]) -> [String] {
        let same = fields.filter { $0.key == key }.map(\.name)
        if !same.isEmpty { return same }
        if let alias = KeyAliases.all[key] { return [alias] }
        // A name without a section may be near a key without its own.
        let short = name == key ? Dictionary(fields.map { ($0.key, $0.name) }) { first, _ in first } : [:]
        let candidates = fields.map(\.name) + [configKey] + options + short.keys.sorted()
        guard let near = NearName.of(name, among: candidates) else { return [] }
        return [options.contains(near) ? "--" + near.replacing("_", with: "-") : short[near] ?? near]
    }
}
