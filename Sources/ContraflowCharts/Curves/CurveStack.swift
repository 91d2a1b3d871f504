/// Several charts of curves below one another.
public struct CurveStack: Sendable {
    /// The charts, from top to bottom.
    public var charts: [CurveChart]

    /// A picture of `charts`, from top to bottom.
    public init(charts: [CurveChart]) { self.charts = charts }

    /// The picture as a self-contained SVG. O(points).
    public func svg() -> String {
        var picture = SVGDocument(style: CurveChart.style)
        for (index, chart) in charts.enumerated() { chart.draw(top: Double(index) * CurveChart.height, in: &picture) }
        return picture.render(
            width: CurveChart.width, height: CurveChart.height * Double(max(charts.count, 1)),
            title: charts.map(\.title).joined(separator: "; "))
    }
}
