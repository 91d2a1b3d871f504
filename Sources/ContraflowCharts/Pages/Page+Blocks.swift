extension Page {
    /// One piece of a page's content.
    package indirect enum Block: Sendable {
        /// Blocks that belong together, under an identifier of letters.
        case section(id: String? = nil, [Block])
        /// Blocks that are folded away until the reader opens them.
        case details(summary: String, [Block])
        case heading(String)
        case paragraph(String)
        /// Numbered findings, each with a remark after its title and one line per piece of evidence. If there are none,
        /// `fallback` is shown instead.
        case findings([(title: String, remark: String, evidence: [String])], fallback: String)
        /// Named values in large type.
        case figures([(name: String, value: String)])
        case table(header: [String], rows: [[String]], style: TableStyle = .numbers)
        /// A table below a filter field, which shows `placeholder` while it is empty. At first, the table is sorted by
        /// the column `sortedBy` in descending order.
        case sortableTable(placeholder: String, columns: [String], sortedBy: Int, rows: [SortableTable.Row])
        /// Texts with the colours that they explain.
        case legend([(text: String, swatch: Swatch)])
        /// Pictures below one another on a time axis from 0 to `end`, in nanoseconds, under a name for screen readers.
        case timeline(name: String, end: Int64, texts: TimelinePlot.Texts, panels: [TimelinePlot.Panel])
        /// Charts side by side, on as many lines as needed.
        case curves([CurveChart])
        /// Maps side by side, on as many lines as needed.
        case maps([MapPlot])
    }

    /// The alignment of a table's columns.
    package enum TableStyle: String, Sendable {
        /// Numbers after the first column.
        case numbers
        /// Two columns of texts.
        case facts
        /// Numbers, and words in the last column.
        case words
    }

    /// The small box in a legend.
    package enum Swatch: Sendable {
        case kind(PlotKind)
        /// A forward and a backward pass within one border.
        case pair
        /// The ground within a frame.
        case idle
        /// The chunks of a rank: grey at each chunk's opacity.
        case chunks([Double])
    }
}

extension Page.Block {
    var html: String {
        switch self {
        case .section(let id, let blocks):
            "<section\(id.map { " id=\"\($0)\"" } ?? "")>\(blocks.map(\.html).joined())</section>\n"
        case .details(let summary, let blocks):
            "<details><summary>\(summary.markupEscaped)</summary>\(blocks.map(\.html).joined())</details>\n"
        case .heading(let text): "<h2>\(text.markupEscaped)</h2>\n"
        case .paragraph(let text): "<p>\(text.markupEscaped)</p>\n"
        case .findings(let findings, let fallback):
            "<ol>\(findings.isEmpty ? "<li>\(fallback.markupEscaped)</li>" : findings.map(Self.item).joined())</ol>\n"
        case .figures(let figures):
            "<dl class=\"figures\">"
                + figures.map {
                    "<div><dt>\($0.name.markupEscaped)</dt><dd>\($0.value.markupEscaped)</dd></div>"
                }.joined() + "</dl>\n"
        case .table(let header, let rows, let style):
            "<div class=\"scroller\">"
                + HTMLPage.table(header: header, rows: rows, attributes: " class=\"\(style.rawValue)\"") + "</div>\n"
        case .sortableTable(let placeholder, let columns, let sortedBy, let rows):
            "<div class=\"sortable\"></div>"
                + Self.script(
                    SortableTable.json(placeholder: placeholder, columns: columns, sortedBy: sortedBy, rows: rows))
        case .legend(let entries):
            "<p class=\"legend\">"
                + entries.map { "<span>\($1.html)\($0.markupEscaped)</span>" }.joined(separator: "\n") + "</p>\n"
        case .timeline(let name, let end, let texts, let panels):
            "<figure class=\"timeline\" aria-label=\"\(name.markupEscaped)\"></figure>"
                + Self.script(TimelinePlot.json(end: end, texts: texts, panels: panels))
        case .curves(let charts):
            "<div class=\"charts\">"
                + charts.map { "<div><figure class=\"curves\"></figure>\(Self.script($0.json))</div>" }.joined()
                + "</div>\n"
        case .maps(let maps):
            "<div class=\"charts\">"
                + maps.map { "<div><figure class=\"map\"></figure>\(Self.script($0.json))</div>" }.joined()
                + "</div>\n"
        }
    }

    private static func item(title: String, remark: String, evidence: [String]) -> String {
        let lines = evidence.map { "<div class=\"soft\">\($0.markupEscaped)</div>" }
        return "<li><b>\(title.markupEscaped)</b>\(remark.markupEscaped)\(lines.joined())</li>"
    }

    /// The script element with the data of the element before it.
    private static func script(_ json: String) -> String { "<script type=\"application/json\">\(json)</script>\n" }
}

extension Page.Swatch {
    fileprivate var html: String {
        switch self {
        case .kind(let kind): Self.box(kind.rawValue)
        case .pair: "<b>\(Self.box("forward"))\(Self.box("backward"))</b>"
        case .idle: "<i class=\"idle\"></i>"
        case .chunks(let opacities):
            "<em>" + opacities.map { "<i style=\"background:var(--chunk);opacity:\($0.svg)\"></i>" }.joined() + "</em>"
        }
    }

    private static func box(_ name: String) -> String { "<i style=\"background:var(--\(name))\"></i>" }
}
