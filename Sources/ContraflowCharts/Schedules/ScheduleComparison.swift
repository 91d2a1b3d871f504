/// Several schedules below one another on one time scale, so that their durations can be compared.
public struct ScheduleComparison: Sendable {
    /// The charts, from top to bottom.
    public var charts: [ScheduleChart]

    /// A picture of `charts`, from top to bottom.
    public init(charts: [ScheduleChart]) { self.charts = charts }

    /// The picture as a self-contained SVG. O(spans).
    public func svg() -> String {
        let boxes = charts.map { $0.boxesOfRanks() }
        let scale = ChartScale(charts: boxes)
        var picture = SVGDocument(
            style: ScheduleChart.style(
                ofChunks: charts.map(\.chunkCount).max() ?? 1, isOverview: scale.isOverview))
        var top = 0.0
        for (chart, boxes) in zip(charts, boxes) {
            chart.draw(boxes, scale, top: top, in: &picture)
            top += scale.height(rows: boxes.count)
        }
        let title = charts.map(\.title).joined(separator: "; ")
        return picture.render(width: scale.width, height: max(top, scale.height(rows: 0)), title: title)
    }
}
