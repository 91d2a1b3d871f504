extension Action: LosslessStringConvertible {
    /// The action that a text such as `0F4`, `7SEND_B1` or `3UNSHARD` stands for; nil if the text as a whole is not an
    /// action.
    public init?(_ description: String) { self.init(cell: Array(description.utf8).span) }

    /// Reads one action from bytes; nil if the bytes as a whole are not an action.
    package init?(cell: Span<UInt8>) {
        var position = 0
        guard let stage = cell.number(at: &position, limit: Action.maximumStage) else { return nil }
        guard let kind = ActionKind(cell: cell, at: &position) else { return nil }
        var microbatch = 0
        if kind.hasMicrobatch {
            guard let number = cell.number(at: &position, limit: Action.maximumMicrobatch) else { return nil }
            microbatch = number
        }
        guard position == cell.count else { return nil }
        self.init(kind, stage: stage, microbatch: microbatch)
    }
}

extension ActionKind {
    /// The symbols as bytes. No symbol is a prefix of another, and no symbol of several letters begins with `F`, `B`,
    /// `I` or `W`.
    private static let spellings = allCases.map { (kind: $0, bytes: Array($0.symbol.utf8)) }

    fileprivate init?(cell: Span<UInt8>, at position: inout Int) {
        guard position < cell.count else { return nil }
        switch cell[position] {
        case UInt8(ascii: "F"): self = .forward
        case UInt8(ascii: "B"): self = .backward
        case UInt8(ascii: "I"): self = .inputGradient
        case UInt8(ascii: "W"): self = .weightGradient
        default:
            for spelling in Self.spellings where cell.hasPrefix(spelling.bytes, at: position) {
                self = spelling.kind
                position += spelling.bytes.count
                return
            }
            return nil
        }
        position += 1
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

extension Span<UInt8> {
    /// Reads decimal digits from `position` on; nil if there are none or the number exceeds `limit`.
    fileprivate func number(at position: inout Int, limit: Int) -> Int? {
        let start = position
        var value = 0
        while position < count, self[position].isDigit {
            value = value * 10 + Int(self[position] - UInt8(ascii: "0"))
            guard value <= limit else { return nil }
            position += 1
        }
        return position > start ? value : nil
    }

    package func hasPrefix(_ bytes: [UInt8], at position: Int) -> Bool {
        guard position + bytes.count <= count else { return false }
        return bytes.indices.allSatisfy { self[position + $0] == bytes[$0] }
    }
}
