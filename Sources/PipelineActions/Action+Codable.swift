extension Action: Codable {
    /// Decodes the action's text, such as `0F4`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = Array(try container.decode(String.self).utf8)
        guard let action = Action(cell: text.span) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(String(decoding: text, as: UTF8.self))' is not an action")
        }
        self = action
    }

    /// Encodes the action's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
