/// A picture with a table of its numbers as one HTML file without references to others.
public struct PicturePage: Sendable {
    /// What stands above everything.
    public var title: String
    /// The picture, as SVG.
    public var svg: String
    /// The table's first row.
    public var header: [String]
    /// The table's other rows.
    public var rows: [[String]]

    /// A page of a picture and a table.
    public init(title: String, svg: String, header: [String] = [], rows: [[String]] = []) {
        self.title = title
        self.svg = svg
        self.header = header
        self.rows = rows
    }

    /// The page. O(picture + cells).
    public func html() -> String {
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\($0.svgEscaped)</\(tag)>" }.joined() + "</tr>"
        }
        let table =
            rows.isEmpty
            ? ""
            : "<table><thead>\(row(header, "th"))</thead><tbody>\n"
                + rows.map { row($0, "td") }.joined(separator: "\n") + "</tbody></table>\n"
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1"><title>\(title.svgEscaped)</title>
            <style>\(Self.style)</style></head>
            <body>
            \(svg)\(table)</body></html>

            """
    }

    private static let style = """
        body{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;margin:16px;color:#222}\
        svg{max-width:100%;height:auto}table{border-collapse:collapse;margin:16px 0}\
        th,td{padding:3px 10px;text-align:right;border-bottom:1px solid #e4e4e4}th{position:sticky;top:0;background:#fff}
        """
}
