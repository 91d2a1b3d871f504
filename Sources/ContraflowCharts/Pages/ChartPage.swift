/// A chart with a table of its numbers, as one HTML file without references to others.
public struct ChartPage: Sendable {
    /// The window's title.
    public var title: String
    /// The chart, as SVG.
    public var svg: String
    /// The titles of the table's columns.
    public var header: [String]
    /// The table's cells, row by row; the page has no table if there are none.
    public var rows: [[String]]

    /// A page of a chart and a table.
    public init(title: String, svg: String, header: [String] = [], rows: [[String]] = []) {
        self.title = title
        self.svg = svg
        self.header = header
        self.rows = rows
    }

    /// The page. O(chart + cells).
    public func html() -> String {
        let table = rows.isEmpty ? "" : HTMLPage.table(header: header, rows: rows)
        return HTMLPage.html(title: title, style: Self.style, body: svg + table)
    }

    private static let style = """
        body{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;margin:16px;color:#222}\
        svg{max-width:100%;height:auto}table{border-collapse:collapse;margin:16px 0}\
        th,td{padding:3px 10px;text-align:right;border-bottom:1px solid #e4e4e4}th{position:sticky;top:0;background:#fff}
        """
}
