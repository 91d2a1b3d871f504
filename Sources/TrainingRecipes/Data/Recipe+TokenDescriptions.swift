extension Recipe {
    /// Takes the type of tokens and the size of the vocabulary from the description of the first source, if it has one.
    ///
    /// The size of the vocabulary is taken only by a model of bytes, so that a preset with a larger vocabulary keeps it.
    ///
    /// - Parameter given: The names of keys that the user has set, which keep their values.
    /// - Throws: ``RecipeError`` if the description cannot be read.
    public mutating func takeTokenDescription(given: Set<String>) throws(RecipeError) {
        guard let path = training.datasetPath.first, let description = try TokenDescription.read(in: path) else {
            return
        }
        let isOfBytes = training.datasetFormat == .bytes
        if isOfBytes, given.isDisjoint(with: ["model.vocab_size", Self.configKey, Self.weightsKey]) {
            model.vocabSize = description.vocabSize
        }
        if !given.contains("training.dataset_format") { training.datasetFormat = description.format }
    }
}
