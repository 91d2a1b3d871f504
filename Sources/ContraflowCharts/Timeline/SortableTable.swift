/// The data of a table that readers sort and filter; `table.js` documents the format and shows it.
package enum SortableTable {
    /// One cell: sorted as text or as a number.
    package enum Cell: Sendable {
        case text(String)
        case count(Int)
        /// A time in nanoseconds, shown in milliseconds.
        case time(Int64)
    }

    /// One row: its cells, its full name, which is searched and shown on hovering, and the text below its first cell;
    /// nil for no text.
    package typealias Row = (cells: [Cell], name: String, detail: String?)

    /// The data as `table.js` reads it, safe within a script element.
    static func json(placeholder: String, columns: [String], sortedBy: Int, rows: [Row]) -> String {
        let columns = columns.enumerated().map { index, title in
            "{\"title\":\(title.scriptQuoted),\"unit\":\"\(rows.first?.cells[index].unit ?? "")\"}"
        }
        return """
            {"placeholder":\(placeholder.scriptQuoted),"sortedBy":\(sortedBy),
            "columns":[\(columns.joined(separator: ","))],
            "rows":[\(rows.map(json).joined(separator: ",\n"))]}
            """
    }

    private static func json(_ row: Row) -> String {
        let detail = row.detail.map { ",\"detail\":\($0.scriptQuoted)" } ?? ""
        let cells = row.cells.map(\.json).joined(separator: ",")
        return "{\"cells\":[\(cells)],\"name\":\(row.name.scriptQuoted)\(detail)}"
    }
}

extension SortableTable.Cell {
    fileprivate var json: String {
        switch self {
        case .text(let text): text.scriptQuoted
        case .count(let count): "\(count)"
        case .time(let nanoseconds): "\(nanoseconds)"
        }
    }

    fileprivate var unit: String { if case .time = self { "ms" } else { "" } }
}
