extension TimelinePage {
    /// One piece of a page's content.
    package indirect enum Block: Sendable {
        /// Blocks that belong together, under an identifier of letters.
        case section(id: String? = nil, [Block])
        case heading(String)
        /// Numbered findings; `fallback` stands in place of them if there are none.
        case findings([Finding], fallback: String)
        /// Named values in boxes.
        case figures([(name: String, value: String)])
        case table(header: [String], rows: [[String]])
        case sortableTable(SortableTable)
        /// A line about how to move about, with buttons.
        case controls(String)
        /// The meaning of colours, with a remark behind the last.
        case legend([LegendEntry], remark: String = "")
        case timeline(TimelinePlot)
    }

    /// A finding with its evidence.
    package struct Finding: Sendable {
        package var title: String
        /// The text behind the title.
        package var remark: String
        /// One line each.
        package var evidence: [String]

        package init(title: String, remark: String, evidence: [String]) {
            self.title = title
            self.remark = remark
            self.evidence = evidence
        }
    }

    /// A text with the colours it explains.
    package struct LegendEntry: Sendable {
        /// A small box in a kind's colour.
        enum Swatch {
            case kind(PlotKind)
            /// The border of an overlapped pair.
            case border
            /// A later chunk of a rank, in grey.
            case chunk(opacity: Double)
        }

        let swatches: [Swatch]
        let text: String

        init(_ text: String, _ swatches: [Swatch]) {
            self.text = text
            self.swatches = swatches
        }

        /// The colour of one kind.
        package init(_ text: String, _ kind: PlotKind) {
            self.init(text, [.kind(kind)])
        }
    }
}

extension TimelinePage.Block {
    var html: String {
        switch self {
        case .section(let id, let blocks):
            "<section\(id.map { " id=\"\($0)\"" } ?? "")>\(blocks.map(\.html).joined())</section>\n"
        case .heading(let text): "<h2>\(text.markupEscaped)</h2>\n"
        case .findings(let findings, let fallback):
            "<ol>\(findings.isEmpty ? "<li>\(fallback.markupEscaped)</li>" : findings.map(\.html).joined())</ol>\n"
        case .figures(let figures):
            "<div class=\"figures\">"
                + figures.map { "<div>\($0.name.markupEscaped)<b>\($0.value.markupEscaped)</b></div>" }.joined()
                + "</div>\n"
        case .table(let header, let rows): HTMLPage.table(header: header, rows: rows, attributes: " class=\"plain\"")
        case .sortableTable(let table): "<div class=\"sortable\"></div>" + Self.script(table.json)
        case .controls(let text):
            """
            <p>\(text.markupEscaped)
            <button id="in">+</button><button id="out">&minus;</button><button id="all">All</button></p>

            """
        case .legend(let entries, let remark):
            "<p class=\"legend\">\(entries.map(\.html).joined(separator: "\n"))\(remark.markupEscaped)</p>\n"
        case .timeline(let plot): "<canvas class=\"timeline\"></canvas>" + Self.script(plot.json)
        }
    }

    /// Data behind the element that shows it.
    private static func script(_ json: String) -> String { "<script type=\"application/json\">\(json)</script>\n" }
}

extension TimelinePage.Finding {
    fileprivate var html: String {
        let lines = evidence.map { "<div class=\"soft\">\($0.markupEscaped)</div>" }
        return "<li><b>\(title.markupEscaped)</b>\(remark.markupEscaped)\(lines.joined())</li>"
    }
}

extension TimelinePage.LegendEntry {
    fileprivate var html: String {
        "<span>\(swatches.map(\.html).joined())\(text.markupEscaped)</span>"
    }
}

extension TimelinePage.LegendEntry.Swatch {
    fileprivate var html: String {
        switch self {
        case .kind(let kind): "<i style=\"background:var(--\(kind.rawValue))\"></i>"
        case .border: "<i class=\"border\"></i>"
        case .chunk(let opacity): "<i style=\"background:var(--chunk);opacity:\(opacity.svg)\"></i>"
        }
    }
}
