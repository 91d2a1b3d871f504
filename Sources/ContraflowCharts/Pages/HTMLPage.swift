/// An HTML document that needs no file beside itself.
package enum HTMLPage {
    /// Returns the document. `body` is markup. O(body).
    package static func html(title: String, style: String, body: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1"><title>\(title.markupEscaped)</title>
        <style>\(style)</style></head>
        <body>
        \(body)</body></html>

        """
    }

    /// One row of a table whose cells are elements of the kind `tag`.
    package static func row(_ cells: [String], _ tag: String) -> String {
        "<tr>" + cells.map { "<\(tag)>\($0.markupEscaped)</\(tag)>" }.joined() + "</tr>"
    }

    /// A table with a row of titles; `attributes` are markup with a space before each.
    static func table(header: [String], rows: [[String]], attributes: String = "") -> String {
        "<table\(attributes)><thead>\(row(header, "th"))</thead><tbody>\n"
            + rows.map { row($0, "td") }.joined(separator: "\n") + "</tbody></table>\n"
    }
}
