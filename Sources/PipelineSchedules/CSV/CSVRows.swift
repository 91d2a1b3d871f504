/// The rows of a CSV of actions, read as PyTorch's loader reads them.
///
/// Blanks around an action are ignored, and lines end in LF, CRLF or CR. A byte-order mark and empty rows at the end,
/// which spreadsheets write and PyTorch's loader refuses, are ignored and recorded.
struct CSVRows {
    private static let rowLimit = 1 << 16
    private static let cellLimit = 1 << 26
    /// The largest size of a cell, in bytes. A row that is separated by semicolons is one cell.
    private static let cellBytes = 1 << 20

    private(set) var rows: [[Step]] = []
    private(set) var hasByteOrderMark = false
    /// The number of rows without an action after the last rank's row.
    private(set) var emptyRowsAtEnd = 0

    init(csv: Span<UInt8>) throws(ScheduleCSVError) {
        hasByteOrderMark = csv.hasPrefix([0xEF, 0xBB, 0xBF], at: 0)
        if csv.hasPrefix([0xFF, 0xFE], at: 0) || csv.hasPrefix([0xFE, 0xFF], at: 0) {
            throw ScheduleCSVError(reason: .notUTF8, row: nil, column: nil)
        }
        let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var steps: [Step] = []
        var start = hasByteOrderMark ? 3 : 0
        var cells = 0
        for position in start...csv.count {
            let byte = position < csv.count ? csv[position] : newline
            guard byte == UInt8(ascii: ",") || byte == newline || byte == carriageReturn else { continue }
            if start == position, steps.isEmpty {
                let isEnd = position == csv.count
                let isSecondOfPair = byte == newline && position > 0 && csv[position - 1] == carriageReturn
                if isEnd || isSecondOfPair {
                    start = position + 1
                    continue
                }
            }
            cells += 1
            guard cells <= Self.cellLimit else {
                throw ScheduleCSVError(reason: .tooLarge("cells", limit: Self.cellLimit), row: nil, column: nil)
            }
            let cell = csv.extracting(start..<min(position, start + Self.cellBytes))
            guard position - start <= Self.cellBytes,
                let step = Step(cell: csv.extracting(csv.trimmed(start..<position))) ?? Step(spaced: cell)
            else {
                throw ScheduleCSVError(
                    reason: Self.reason(forMalformed: cell), row: rows.count + emptyRowsAtEnd, column: steps.count)
            }
            steps.append(step)
            start = position + 1
            if byte != UInt8(ascii: ",") {
                try append(steps)
                steps.removeAll(keepingCapacity: true)
            }
        }
    }

    private mutating func append(_ steps: [Step]) throws(ScheduleCSVError) {
        if steps.allSatisfy({ $0 == .idle }) {
            emptyRowsAtEnd += 1
        } else if emptyRowsAtEnd > 0 {
            throw ScheduleCSVError(reason: .emptyRow, row: rows.count, column: nil)
        } else if rows.count == Self.rowLimit {
            throw ScheduleCSVError(reason: .tooLarge("rows", limit: Self.rowLimit), row: nil, column: nil)
        } else {
            rows.append(steps)
        }
    }

    private static func reason(forMalformed cell: Span<UInt8>) -> ScheduleCSVError.Reason {
        let text = String(cell)
        let separators: [(character: Character, name: String)] = [
            (";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (" ", "blanks"),
        ]
        for separator in separators {
            let cells = text.splitOutsidePairs(by: separator.character)
            if cells.count > 1, cells.allSatisfy({ Step($0) ?? Step(spaced: Array($0.utf8).span) != nil }) {
                return .wrongSeparator(separator.name)
            }
        }
        return .malformedCell(
            String(decoding: Array(text.utf8.prefix(40)), as: UTF8.self) + (cell.count > 40 ? "…" : ""))
    }
}

extension Step {
    /// Reads a cell as Python's `csv` and PyTorch's loader do: the cell may be quoted, and blanks of Unicode may be
    /// around it and around the actions of a pair.
    fileprivate init?(spaced cell: Span<UInt8>) {
        var text = String(cell)[...]
        if text.first == "\"", let end = text.dropFirst().firstIndex(of: "\"") {
            text = text[text.index(after: text.startIndex)..<end] + text[text.index(after: end)...]
        }
        text = text.trimmed
        if text.first == "(", let end = text.firstIndex(of: ")") {
            let actions = text[text.index(after: text.startIndex)..<end]
                .split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
            text = "(" + actions.joined(separator: ";") + text[end...]
        }
        self.init(String(text))
    }
}

extension Span<UInt8> {
    /// Returns the range without spaces and tabs at either end.
    fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(self[start]) { start += 1 }
        while start < end, isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }
}

extension String {
    fileprivate init(_ bytes: Span<UInt8>) {
        self.init(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    /// Returns the parts between separators. A separator between parentheses does not count.
    fileprivate func splitOutsidePairs(by separator: Character) -> [String] {
        var parts = [""]
        var isInPair = false
        for character in self {
            if character == "(" { isInPair = true }
            if character == ")" { isInPair = false }
            if character == separator, !isInPair {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
