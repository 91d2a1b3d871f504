/// The description of a folder of tokens: the file `tokens.json` of `python -m contraflow.tokenize`.
public struct TokenDescription: Hashable, Sendable, Decodable {
    /// A file of tokens.
    public struct Shard: Hashable, Sendable, Decodable {
        /// The name of the file in the folder.
        public let file: String
        /// The number of tokens in the file.
        public let tokens: Int
    }

    /// The version of the format.
    let version: Int
    /// Whether the tokenizer has read all of its inputs.
    let isComplete: Bool
    /// The name of the copy of the tokenizer in the folder.
    public let tokenizer: String
    /// The SHA-256 of the tokenizer, in hexadecimal digits.
    public let tokenizerDigest: String
    /// The number that all tokens are below.
    public let vocabSize: Int
    /// The type of the tokens.
    public let format: DatasetFormat
    /// The token after each document.
    public let endToken: Int
    /// The number of documents.
    public let documents: Int
    /// The number of tokens.
    public let tokens: Int
    /// The files of tokens, in their order.
    public let shards: [Shard]

    private enum CodingKeys: String, CodingKey {
        case version
        case isComplete = "complete"
        case tokenizer
        case tokenizerDigest = "tokenizer_sha256"
        case vocabSize = "vocab_size"
        case format = "dtype"
        case endToken = "end_token_id"
        case documents
        case tokens
        case shards
    }
}

extension DatasetFormat: Decodable {}
