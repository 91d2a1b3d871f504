extension TimelinePage {
    /// One piece of a page's content.
    package indirect enum Block: Sendable {
        /// Blocks that belong together, under an identifier of letters.
        case section(id: String? = nil, [Block])
        case heading(String)
        /// Numbered findings with the text behind the title and a line for each piece of evidence; `fallback` stands in
        /// place of them if there are none.
        case findings([(title: String, remark: String, evidence: [String])], fallback: String)
        /// Named values in boxes.
        case figures([(name: String, value: String)])
        case table(header: [String], rows: [[String]])
        /// A table under a filter, whose text is `placeholder` while it is empty; at first the largest of the column
        /// `sortedBy` is on top.
        case sortableTable(placeholder: String, columns: [String], sortedBy: Int, rows: [SortableTable.Row])
        /// A line about how to move about, with buttons.
        case controls(String)
        /// Texts with the colours that they explain, and a remark behind the last.
        case legend([(text: String, swatches: [Swatch])], remark: String = "")
        /// Pictures below one another on a time axis from 0 to `end`, in nanoseconds.
        case timeline(end: Int64, panels: [TimelinePlot.Panel])
    }

    /// A small box in a kind's colour, for the legend.
    package enum Swatch: Sendable {
        case kind(PlotKind)
        /// The border of an overlapped pair.
        case border
        /// A later chunk of a rank, in grey.
        case chunk(opacity: Double)
    }
}

extension TimelinePage.Block {
    var html: String {
        switch self {
        case .section(let id, let blocks):
            "<section\(id.map { " id=\"\($0)\"" } ?? "")>\(blocks.map(\.html).joined())</section>\n"
        case .heading(let text): "<h2>\(text.markupEscaped)</h2>\n"
        case .findings(let findings, let fallback):
            "<ol>\(findings.isEmpty ? "<li>\(fallback.markupEscaped)</li>" : findings.map(Self.item).joined())</ol>\n"
        case .figures(let figures):
            "<div class=\"figures\">"
                + figures.map { "<div>\($0.name.markupEscaped)<b>\($0.value.markupEscaped)</b></div>" }.joined()
                + "</div>\n"
        case .table(let header, let rows): HTMLPage.table(header: header, rows: rows, attributes: " class=\"plain\"")
        case .sortableTable(let placeholder, let columns, let sortedBy, let rows):
            "<div class=\"sortable\"></div>"
                + Self.script(
                    SortableTable.json(placeholder: placeholder, columns: columns, sortedBy: sortedBy, rows: rows))
        case .controls(let text):
            """
            <p>\(text.markupEscaped)
            <button id="in">+</button><button id="out">&minus;</button><button id="all">All</button></p>

            """
        case .legend(let entries, let remark):
            "<p class=\"legend\">"
                + entries.map { "<span>\($1.map(\.html).joined())\($0.markupEscaped)</span>" }.joined(separator: "\n")
                + "\(remark.markupEscaped)</p>\n"
        case .timeline(let end, let panels):
            "<canvas class=\"timeline\"></canvas>" + Self.script(TimelinePlot.json(end: end, panels: panels))
        }
    }

    private static func item(title: String, remark: String, evidence: [String]) -> String {
        let lines = evidence.map { "<div class=\"soft\">\($0.markupEscaped)</div>" }
        return "<li><b>\(title.markupEscaped)</b>\(remark.markupEscaped)\(lines.joined())</li>"
    }

    /// Data behind the element that shows it.
    private static func script(_ json: String) -> String { "<script type=\"application/json\">\(json)</script>\n" }
}

extension TimelinePage.Swatch {
    fileprivate var html: String {
        switch self {
        case .kind(let kind): "<i style=\"background:var(--\(kind.rawValue))\"></i>"
        case .border: "<i class=\"border\"></i>"
        case .chunk(let opacity): "<i style=\"background:var(--chunk);opacity:\(opacity.svg)\"></i>"
        }
    }
}
