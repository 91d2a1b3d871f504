import TrainingRecipes

/// Tokens of the tokenizer that made the training data.
struct TokenizerCodec: TextCodec {
    let vocabSize: Int
    let endToken: Int?
    private let process: TokenizerProcess

    init(_ description: TokenDescription, _ process: TokenizerProcess) {
        vocabSize = description.vocabSize
        endToken = description.endToken
        self.process = process
    }

    func tokens(ofPrompt prompt: String) throws -> [Int] {
        let tokens = try process.answer(to: ["prompt": prompt]).ids ?? []
        guard tokens.allSatisfy({ 0..<vocabSize ~= $0 }) else {
            throw RecipeError("the run's tokenizer.json is not the one of its tokens.json: restore the folder")
        }
        // An empty prompt begins a document.
        return tokens.isEmpty ? [endToken ?? 0] : tokens
    }

    func text(ofNext token: Int) throws -> [UInt8] { Array((try process.answer(to: ["token": token]).text ?? "").utf8) }

    func rest() throws -> [UInt8] { Array((try process.answer(to: ["rest": true]).text ?? "").utf8) }
}
