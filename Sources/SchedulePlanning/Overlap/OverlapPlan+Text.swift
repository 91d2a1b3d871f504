extension OverlapPlan: CustomStringConvertible {
    /// The maximum number of segments in a text.
    private static let longest = 1 << 20

    /// One letter per segment, with a count if the letter repeats, such as `F2BF3W`.
    public var description: String {
        var text = ""
        var index = order.startIndex
        while index < order.endIndex {
            let pass = order[index]
            let end = order[index...].firstIndex { $0 != pass } ?? order.endIndex
            text.append(pass.letter)
            if end - index > 1 { text += String(end - index) }
            index = end
        }
        return text
    }

    /// Reads a text in the format of ``description``.
    ///
    /// - Throws: ``OverlapPlanParsingError`` if the text is not a plan or has more than 1,048,576 segments.
    public init(_ text: String) throws(OverlapPlanParsingError) {
        var order: [Pass] = []
        var rest = text[...]
        while let letter = rest.popFirst() {
            guard let pass = Pass.allCases.first(where: { $0.letter == letter }) else {
                throw OverlapPlanParsingError(text: text, problem: "'\(letter)' is not F, B or W")
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let count = digits.isEmpty ? 1 : Int(digits) ?? .max
            guard count > 0, count <= Self.longest - order.count else {
                let shown = digits.isEmpty ? "1" : digits
                throw OverlapPlanParsingError(
                    text: text, problem: "the count \(shown) is 0 or exceeds \(Self.longest) segments in total")
            }
            order += repeatElement(pass, count: count)
        }
        self.order = order
    }
}

extension OverlapPlan: Codable {
    /// Decodes the text.
    public init(from decoder: any Decoder) throws { try self.init(decoder.singleValueContainer().decode(String.self)) }

    /// Encodes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension OverlapPlan.Pass {
    /// The letter of the pass: F, B or W.
    package var letter: Character {
        switch self {
        case .forward: "F"
        case .backward: "B"
        case .weights: "W"
        }
    }
}
