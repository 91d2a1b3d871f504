package import TrainingRecipes

/// The relation of a model's tokens to text.
package protocol TextCodec {
    /// The number that all tokens with a text are below.
    var vocabSize: Int { get }
    /// The token that ends a document; nil if no token does.
    var endToken: Int? { get }

    /// Returns the tokens of a prompt, at least one.
    func tokens(ofPrompt prompt: String) throws -> [Int]

    /// Returns the bytes of text that are complete with the next token.
    func text(ofNext token: Int) throws -> [UInt8]

    /// Returns the bytes of text that are not complete at the end.
    func rest() throws -> [UInt8]
}

/// Tokens that are the bytes of the text.
package struct ByteCodec: TextCodec {
    package init() {}

    package var vocabSize: Int { 256 }
    package var endToken: Int? { nil }

    package func tokens(ofPrompt prompt: String) -> [Int] { prompt.isEmpty ? [10] : prompt.utf8.map(Int.init) }

    package func text(ofNext token: Int) -> [UInt8] { [UInt8(token)] }

    package func rest() -> [UInt8] { [] }
}

/// Tokens that are written as numbers, because no tokenizer runs. A text begins with the end token.
package struct NumberCodec: TextCodec {
    package let vocabSize: Int
    package let endToken: Int?

    package init(_ description: TokenDescription) {
        vocabSize = description.vocabSize
        endToken = description.endToken
    }

    package func tokens(ofPrompt prompt: String) -> [Int] { [endToken ?? 0] }

    package func text(ofNext token: Int) -> [UInt8] { Array("\(token) ".utf8) }

    package func rest() -> [UInt8] { [] }
}
