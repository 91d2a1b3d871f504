extension Weave: CustomStringConvertible {
    /// The most turns that a text may stand for.
    private static let longest = 1 << 20

    /// A letter a turn, with a count where a turn repeats, such as `F2BF3W`.
    public var description: String {
        var text = ""
        var index = turns.startIndex
        while index < turns.endIndex {
            let turn = turns[index]
            let end = turns[index...].firstIndex { $0 != turn } ?? turns.endIndex
            text.append(turn.letter)
            if end - index > 1 { text += String(end - index) }
            index = end
        }
        return text
    }

    /// Reads what ``description`` writes.
    ///
    /// - Throws: ``WeaveTextError`` where the text is none; 1,048,576 turns are the limit.
    public init(_ text: String) throws(WeaveTextError) {
        var turns: [Turn] = []
        var rest = text[...]
        while let letter = rest.popFirst() {
            guard let turn = Turn.allCases.first(where: { $0.letter == letter }) else {
                throw WeaveTextError(text: text, problem: "'\(letter)' is none of F, B and W")
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let count = digits.isEmpty ? 1 : Int(digits) ?? .max
            guard count > 0, count <= Self.longest - turns.count else {
                throw WeaveTextError(
                    text: text, problem: "\(digits) turns are not between 1 and \(Self.longest) in all")
            }
            turns += repeatElement(turn, count: count)
        }
        self.turns = turns
    }
}

extension Weave: Codable {
    /// Decodes the text.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Weave.Turn {
    /// F, B or W.
    package var letter: Character {
        switch self {
        case .forward: "F"
        case .backward: "B"
        case .weights: "W"
        }
    }
}
