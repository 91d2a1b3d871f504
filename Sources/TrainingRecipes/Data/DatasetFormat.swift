/// The format of tokens in files: the values of `training.dataset_format`.
public enum DatasetFormat: String, RecipeWord {
    /// Text, with one token per byte.
    case bytes
    /// Tokens of one byte.
    case uint8
    /// Tokens of two bytes, little-endian.
    case uint16
    /// Tokens of four bytes, little-endian.
    case uint32

    /// The number of bytes per token.
    public var width: Int {
        switch self {
        case .bytes, .uint8: 1
        case .uint16: 2
        case .uint32: 4
        }
    }
}
