extension Recipe {
    /// Sets one key to the value in the text of a command-line option.
    ///
    /// `model.config` sets the model section from the Hugging Face configuration in that file.
    ///
    /// - Throws: ``RecipeError`` naming the key, its possible values and the nearest known key.
    public mutating func set(_ name: String, to text: String) throws(RecipeError) {
        let key = Self.normalized(name)
        if key == Self.configKey { return try readHuggingFace(text) }
        let field = try Self.field(key)
        let value: RecipeValue? =
            switch field.access {
            case .integer(_, let range): try Self.integer(text, field, range)
            case .number: Double(text).map(RecipeValue.number)
            case .flag: Bool(text).map(RecipeValue.flag)
            case .text, .word: .text(text)
            case .texts: RecipeValue(listText: text) ?? .text(text)
            case .numbers: RecipeValue(listText: text) ?? RecipeValue(listText: "[\(text)]")
            }
        try set(field, to: value ?? .text(text))
    }

    /// Sets keys to the values in the texts of command-line options. `model.config` is set before all other keys.
    /// Without it, `model.weights` sets the model section from the configuration in that folder first.
    ///
    /// - Throws: ``RecipeError`` naming the key, its possible values and the nearest known key.
    public mutating func set(_ options: [(name: String, value: String)]) throws(RecipeError) {
        let names = options.map { Self.normalized($0.name) }
        if !names.contains(Self.configKey), !names.contains(Self.widthKey),
            let index = names.lastIndex(of: Self.weightsKey),
            !options[index].value.isEmpty
        {
            try readHuggingFace(configurationOf: options[index].value)
        }
        for isConfig in [true, false] {
            for option in options where (Self.normalized(option.name) == Self.configKey) == isConfig {
                try set(option.name, to: option.value)
            }
        }
    }

    private static func integer(
        _ text: String, _ field: RecipeField, _ range: ClosedRange<Int>
    ) throws(RecipeError) -> RecipeValue? {
        if let number = Int(text) { return .integer(number) }
        if !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            throw RecipeError("\(field.name) is \(text): it must be at most \(range.upperBound)")
        }
        return nil
    }

    mutating func set(_ field: RecipeField, to value: RecipeValue) throws(RecipeError) {
        switch (field.access, value) {
        case (.integer(let path, _), .integer(let number)): self[keyPath: path] = number
        case (.number(let path, let range), .number(let number)):
            guard number.isFinite else { throw RecipeError("\(field.name) is \(number): it must be \(range.rawValue)") }
            self[keyPath: path] = number
        case (.number(let path, _), .integer(let number)): self[keyPath: path] = Double(number)
        case (.text(let path), .text(let text)): self[keyPath: path] = text
        case (.texts(let path), let value) where value.texts != nil: self[keyPath: path] = value.texts ?? []
        case (.numbers(let path), let value) where value.numbers != nil: self[keyPath: path] = value.numbers ?? []
        case (.flag(let path), .flag(let flag)): self[keyPath: path] = flag
        case (.word(let word), .text(let text)):
            guard word.write(&self, text) else {
                throw RecipeError("\(field.name) is '\(text)': it must be \(word.list)")
            }
        default:
            throw RecipeError("\(field.name) is \(value.description), but it takes \(field.typeName): \(field.meaning)")
        }
    }
}
