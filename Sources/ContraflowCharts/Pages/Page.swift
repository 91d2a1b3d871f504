/// A page of figures, timelines, charts and tables, as one HTML file without references to others.
package struct Page: Sendable {
    /// The text of the window's title bar, which begins with the name of what the page shows.
    package var title: String
    /// The heading above everything.
    package var heading: String
    /// A line below the heading, which may be empty.
    package var subtitle: String
    /// The content, from top to bottom.
    package var blocks: [Block]

    /// A page of `blocks`.
    package init(title: String, heading: String, subtitle: String = "", blocks: [Block]) {
        self.title = title
        self.heading = heading
        self.subtitle = subtitle
        self.blocks = blocks
    }

    /// The page as HTML. O(its data).
    package func html() -> String {
        let subtitle = subtitle.isEmpty ? "" : "<p class=\"subtitle\">\(subtitle.markupEscaped)</p>\n"
        let content = blocks.map(\.html).joined()
        let needed = blocks.reduce(into: Set([Script.page])) { $0.formUnion($1.scripts) }
        let scripts = Script.allCases.filter(needed.contains).map {
            "<script type=\"module\">\n\(String(decoding: $0.source, as: UTF8.self))</script>"
        }
        return HTMLPage.html(
            title: title, style: Palette.customProperties + String(decoding: PackageResources.page_css, as: UTF8.self),
            body: """
                <h1>\(heading.markupEscaped)</h1>
                \(subtitle)<main>
                \(content)</main>
                <div id="tip" role="status" aria-live="polite"></div>
                \(scripts.joined(separator: "\n"))
                """)
    }
}

extension Page {
    /// A script of a page. Each script is a module, so that names in different scripts do not clash.
    enum Script: CaseIterable {
        case page
        case timeline
        case curves
        case maps
        case table

        fileprivate var source: [UInt8] {
            switch self {
            case .page: PackageResources.page_js
            case .timeline: PackageResources.timeline_js
            case .curves: PackageResources.curves_js
            case .maps: PackageResources.maps_js
            case .table: PackageResources.table_js
            }
        }
    }
}

extension Page.Block {
    /// The scripts that the block needs beside the page's own.
    fileprivate var scripts: Set<Page.Script> {
        switch self {
        case .section(_, let blocks), .details(_, let blocks): blocks.reduce(into: []) { $0.formUnion($1.scripts) }
        case .timeline: [.timeline]
        case .curves(let charts): charts.isEmpty ? [] : [.curves]
        case .maps(let maps): maps.isEmpty ? [] : [.maps]
        case .sortableTable: [.table]
        default: []
        }
    }
}
