/// The data of a table that readers sort and filter; `table.js` documents the format and shows it.
package struct SortableTable: Sendable {
    /// One cell: sorted as text or as a number.
    package enum Cell: Sendable {
        case text(String)
        case count(Int)
        /// A time in nanoseconds, shown in milliseconds.
        case time(Int64)
    }

    /// One row.
    package struct Row: Sendable {
        package var cells: [Cell]
        /// The full name, which is searched and shown on hovering.
        package var name: String
        /// The text below the first cell; nil if there is none.
        package var detail: String?

        package init(cells: [Cell], name: String, detail: String? = nil) {
            self.cells = cells
            self.name = name
            self.detail = detail
        }
    }

    /// The text of the empty filter.
    package var placeholder: String
    /// The titles of the columns.
    package var columns: [String]
    /// The column that sorts at first, the largest on top.
    package var sortedBy: Int
    package var rows: [Row]

    package init(placeholder: String, columns: [String], sortedBy: Int, rows: [Row]) {
        self.placeholder = placeholder
        self.columns = columns
        self.sortedBy = sortedBy
        self.rows = rows
    }

    /// The data as `table.js` reads it, safe within a script element.
    var json: String {
        let columns = columns.enumerated().map { index, title in
            "{\"title\":\(title.scriptQuoted),\"unit\":\"\(rows.first?.cells[index].unit ?? "")\"}"
        }
        return """
            {"placeholder":\(placeholder.scriptQuoted),"sortedBy":\(sortedBy),
            "columns":[\(columns.joined(separator: ","))],
            "rows":[\(rows.map(\.json).joined(separator: ",\n"))]}
            """
    }
}

extension SortableTable.Row {
    fileprivate var json: String {
        let detail = detail.map { ",\"detail\":\($0.scriptQuoted)" } ?? ""
        return "{\"cells\":[\(cells.map(\.json).joined(separator: ","))],\"name\":\(name.scriptQuoted)\(detail)}"
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

    fileprivate var unit: String {
        if case .time = self { "ms" } else { "" }
    }
}
