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
        let scripts = Self.scripts(for: content).map {
            "<script type=\"module\">\n\(String(decoding: $0, as: UTF8.self))</script>"
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

    /// The scripts that the content needs. Each script is a module, so that names in different scripts do not clash.
    private static func scripts(for content: String) -> [[UInt8]] {
        [
            ("<figure ", PackageResources.page_js), ("<figure class=\"timeline\"", PackageResources.timeline_js),
            ("<figure class=\"curves\"", PackageResources.curves_js),
            ("<figure class=\"map\"", PackageResources.maps_js), ("<div class=\"sortable\"", PackageResources.table_js),
        ].compactMap { content.contains($0.0) || $0.0 == "<figure " ? $0.1 : nil }
    }
}
