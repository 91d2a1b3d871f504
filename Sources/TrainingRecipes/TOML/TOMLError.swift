/// A text that is not TOML, or is refused before it is parsed.
package struct TOMLError: Error, CustomStringConvertible {
    /// The line, counted from 1; nil if the error concerns the whole text.
    package var line: Int?
    /// The column, counted from 1; nil if the error concerns the whole line.
    package var column: Int?
    /// The problem, the limit and the remedy.
    package let reason: String

    /// The line and the column, such as `line 1, column 3`; nil if the error concerns the whole text.
    package var place: String? {
        line.map { line in "line \(line)" + (column.map { ", column \($0)" } ?? "") }
    }

    /// One line: the place and the reason.
    package var description: String { (place.map { $0 + ": " } ?? "") + reason }
}
