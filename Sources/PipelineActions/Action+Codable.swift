extension Action: Codable {
    /// Decodes the action's text, such as `0F4`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let action = Action(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an action")
        }
        self = action
    }

    /// Encodes the action's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
