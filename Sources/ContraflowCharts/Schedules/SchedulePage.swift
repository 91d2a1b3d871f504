import PipelineSchedules

/// A page of schedules that needs no other file: headline figures, and a timeline with zoom. Hovering over an action
/// shows its name, its start, its duration and its note.
public struct SchedulePage: Sendable {
    /// The heading above everything.
    public var title: String
    /// The charts, from top to bottom, on one time scale.
    public var charts: [ScheduleChart]
    /// Lines about the spans of each chart's timeline, in the order of charts and spans. Both lists may be shorter.
    public var notes: [[String]]
    /// Headline figures of each chart, in the order of charts, with the same names for all. The list may be shorter.
    public var figures: [[(name: String, value: String)]]

    /// A page of `charts`.
    public init(
        title: String, charts: [ScheduleChart], notes: [[String]] = [],
        figures: [[(name: String, value: String)]] = []
    ) {
        self.title = title
        self.charts = charts
        self.notes = notes
        self.figures = figures
    }

    /// The page: one HTML file without references to others. O(spans).
    public func html() -> String {
        Page(title: "\(title) – Contraflow plan", heading: title, blocks: headline + Self.blocks(of: charts, notes))
            .html()
    }

    /// The figures of one chart in large type, or a table of several.
    private var headline: [Page.Block] {
        if figures.count == 1, charts.count == 1 { return [.figures(figures[0])] }
        guard let first = figures.first else { return [] }
        let rows = zip(charts, figures).map { chart, figures in [chart.title] + figures.map(\.value) }
        return [.table(header: ["schedule"] + first.map(\.name), rows: rows)]
    }

    /// The legend and the timeline of charts, for pages that also show other things. Each chart starts at 0.
    package static func blocks(of charts: [ScheduleChart], _ notes: [[String]] = []) -> [Page.Block] {
        let boxes = charts.indices.map { charts[$0].boxesOfRanks(notes: $0 < notes.count ? notes[$0] : []) }
        var end: Int64 = 0
        let panels = zip(charts, boxes).map { chart, boxes in
            let origin = boxes.values.joined().map(\.interval.lowerBound).min() ?? 0
            var panel = TimelinePlot.Panel(title: charts.count > 1 ? chart.title : "")
            for rank in boxes.keys.sorted() {
                var lane = TimelinePlot.Lane(name: "Rank \(rank)")
                for box in boxes[rank] ?? [] {
                    let interval = box.interval.lowerBound - origin..<box.interval.upperBound - origin
                    end = max(end, interval.upperBound)
                    lane.append(interval, label: panel.addLabel(box.name, box.plotParts, note: box.note))
                }
                panel.lanes.append(lane)
            }
            return panel
        }
        let name = charts.map(\.title).joined(separator: "; ")
        return [
            .legend(legend(of: charts, boxes)), .timeline(name: name, end: end, texts: .whole, panels: panels),
        ]
    }

    private static func legend(
        of charts: [ScheduleChart], _ boxes: [[Int: [ActionBox]]]
    ) -> [(text: String, swatch: Page.Swatch)] {
        let all = boxes.lazy.flatMap { $0.values.joined() }
        let kinds = Set(all.flatMap(\.parts).map(\.kind))
        var entries: [(text: String, swatch: Page.Swatch)] = []
        for (action, text) in ScheduleChart.kindNames where kinds.contains(action) {
            if let kind = PlotKind(action) { entries.append((text, .kind(kind))) }
        }
        if all.contains(where: { $0.parts.count > 1 }) { entries.append((ScheduleChart.pairName, .pair)) }
        entries.append(("Idle", .idle))
        let count = charts.map(\.chunkCount).max() ?? 1
        let opacities = (0..<count).map { ScheduleChart.opacity(ofChunk: $0) }
        return count > 1 ? entries + [(ScheduleChart.name(ofChunks: count), .chunks(opacities))] : entries
    }
}

extension ActionBox {
    fileprivate var plotParts: [TimelinePlot.Part] {
        parts.compactMap { part in
            TimelinePlot.Part(
                part.kind, text: "\(part.number)", opacity: ScheduleChart.opacity(ofChunk: part.chunk))
        }
    }
}
