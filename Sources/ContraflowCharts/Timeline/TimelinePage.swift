/// A page of timelines to zoom into, with text and tables, as one HTML file without references to others.
package enum TimelinePage {
    /// The measures and colours that a page takes from `timeline.js` and `timeline.css`.
    package enum Look: String, Sendable {
        /// Schedules under one another, a row per rank.
        case schedule
        /// A trace, a row per stream of a rank.
        case trace
    }

    /// The page: the window's title, the heading above everything and the content from top to bottom. O(its data).
    package static func html(title: String, heading: String, look: Look, blocks: [Block]) -> String {
        let scripts = [PackageResources.timeline_js, PackageResources.table_js].map {
            "<script>\n\(String(decoding: $0, as: UTF8.self))</script>"
        }
        return HTMLPage.html(
            title: title, style: String(decoding: PackageResources.timeline_css, as: UTF8.self),
            attributes: " data-look=\"\(look.rawValue)\"",
            body: """
                <h1>\(heading.markupEscaped)</h1>
                \(blocks.map(\.html).joined())<div id="tip"></div>
                \(scripts.joined(separator: "\n"))
                """)
    }
}
