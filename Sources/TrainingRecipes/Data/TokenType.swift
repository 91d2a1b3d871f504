/// How files hold tokens: the values that `data.tokens` takes.
public enum TokenType: String, Hashable, Sendable, CaseIterable {
    /// Text, a token a byte.
    case bytes
    /// Tokens of one byte, which may be anything.
    case uint8
    /// Tokens of two bytes, little-endian.
    case uint16
    /// Tokens of four bytes, little-endian.
    case uint32

    /// Bytes of a token.
    public var width: Int {
        switch self {
        case .bytes, .uint8: 1
        case .uint16: 2
        case .uint32: 4
        }
    }
}
