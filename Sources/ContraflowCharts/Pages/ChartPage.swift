/// A picture with headline figures and a table of its numbers, as one HTML file without references to others.
public struct ChartPage: Sendable {
    /// A picture that a page draws for the window's width.
    public enum Picture: Sendable {
        /// Charts of curves.
        case curves([CurveChart])
        /// The loads that placements lead to.
        case balance(BalanceChart)
    }

    /// The text of the window's title bar, which begins with the name of what the page shows.
    public var title: String
    /// The heading above everything.
    public var heading: String
    /// A line below the heading, which may be empty.
    public var subtitle: String
    /// The most important values, shown above the picture.
    public var figures: [(name: String, value: String)]
    /// The picture.
    public var picture: Picture
    /// The titles of the table's columns.
    public var header: [String]
    /// The table's cells, row by row; the page has no table if there are none.
    public var rows: [[String]]

    /// A page of a picture and a table.
    public init(
        title: String, heading: String, subtitle: String = "", figures: [(name: String, value: String)] = [],
        picture: Picture, header: [String] = [], rows: [[String]] = []
    ) {
        self.title = title
        self.heading = heading
        self.subtitle = subtitle
        self.figures = figures
        self.picture = picture
        self.header = header
        self.rows = rows
    }

    /// The page. O(picture + cells).
    public func html() -> String {
        var blocks: [Page.Block] = figures.isEmpty ? [] : [.figures(figures)]
        switch picture {
        case .curves(let charts): blocks.append(.curves(charts))
        case .balance(let chart): blocks += chart.blocks()
        }
        if !rows.isEmpty {
            let hasWords = rows.contains { ($0.last?.count ?? 0) > 24 }
            blocks.append(.table(header: header, rows: rows, style: hasWords ? .words : .numbers))
        }
        return Page(title: title, heading: heading, subtitle: subtitle, blocks: blocks).html()
    }
}
