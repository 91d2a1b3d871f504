extension Step: LosslessStringConvertible {
    /// The step that a cell such as `0F4` or `(0F4;7B1)OVERLAP_F_B` stands for; nil if the text as a whole is not a
    /// step.
    public init?(_ description: String) { self.init(cell: Array(description.utf8).span) }

    private static let overlapSuffix = Array(")OVERLAP_F_B".utf8)

    /// Reads one cell: an empty one, an action, or `(<action>;<action>)OVERLAP_F_B`; nil for anything else.
    package init?(cell: Span<UInt8>) {
        if cell.isEmpty {
            self = .idle
            return
        }
        guard cell[0] == UInt8(ascii: "(") else {
            guard let action = Action(cell: cell) else { return nil }
            self.init(action)
            return
        }
        let end = cell.count - Self.overlapSuffix.count
        guard end > 0, cell.hasPrefix(Self.overlapSuffix, at: end),
            let separator = (1..<end).first(where: { cell[$0] == UInt8(ascii: ";") }),
            let first = Action(cell: cell.extracting(1..<separator)),
            let second = Action(cell: cell.extracting(separator + 1..<end))
        else { return nil }
        self.init(overlapping: first, with: second)
    }
}
