extension OverlapPlan: CustomStringConvertible {
    /// The most segments that a text may stand for.
    private static let longest = 1 << 20

    /// A letter a segment, with a count where a segment repeats, such as `F2BF3W`.
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

    /// Reads what ``description`` writes.
    ///
    /// - Throws: ``OverlapPlanParsingError`` where the text is none; 1,048,576 segments are the limit.
    public init(_ text: String) throws(OverlapPlanParsingError) {
        var order: [Pass] = []
        var rest = text[...]
        while let letter = rest.popFirst() {
            guard let pass = Pass.allCases.first(where: { $0.letter == letter }) else {
                throw OverlapPlanParsingError(text: text, problem: "'\(letter)' is none of F, B and W")
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let count = digits.isEmpty ? 1 : Int(digits) ?? .max
            guard count > 0, count <= Self.longest - order.count else {
                throw OverlapPlanParsingError(
                    text: text, problem: "\(digits) segments are not between 1 and \(Self.longest) in all")
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
    /// F, B or W.
    package var letter: Character {
        switch self {
        case .forward: "F"
        case .backward: "B"
        case .weights: "W"
        }
    }
}
