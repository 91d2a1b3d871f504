import PipelineSchedules

/// Schedules as a page that stands alone: zoom with the wheel, move by dragging, hover to see an action's name, its
/// start and what it waited for.
public struct SchedulePage: Sendable {
    /// The heading above everything.
    public var title: String
    /// The charts, from top to bottom, on one time scale.
    public var charts: [ScheduleChart]
    /// For each chart, a line about each of its timeline's spans, in their order; both lists may end early.
    public var notes: [[String]]

    /// A page of `charts`.
    public init(title: String, charts: [ScheduleChart], notes: [[String]] = []) {
        self.title = title
        self.charts = charts
        self.notes = notes
    }

    /// The page: one HTML file without references to others. O(spans).
    public func html() -> String {
        TimelinePage.html(
            title: title, heading: title, look: .schedule,
            blocks: [.controls("Wheel: zoom. Drag: move. Double click: everything."), .legend(legend), plot])
    }

    private var legend: [(text: String, swatches: [TimelinePage.Swatch])] {
        var entries = ScheduleChart.kindNames.map { kind, text in
            (text: text, swatches: PlotKind(kind).map { [TimelinePage.Swatch.kind($0)] } ?? [])
        }
        entries.append((ScheduleChart.pairName, [.border]))
        let count = charts.map(\.chunkCount).max() ?? 1
        let chunks = (0..<count).map { TimelinePage.Swatch.chunk(opacity: ScheduleChart.opacity(ofChunk: $0)) }
        return count > 1 ? entries + [(ScheduleChart.name(ofChunks: count), chunks)] : entries
    }

    private var plot: TimelinePage.Block {
        let boxes = charts.indices.map { charts[$0].boxesOfRanks(notes: $0 < notes.count ? notes[$0] : []) }
        let ends = boxes.flatMap { $0.values.joined().map(\.interval.upperBound) }
        let panels = zip(charts, boxes).map { chart, boxes in
            var panel = TimelinePlot.Panel(title: chart.title)
            for rank in boxes.keys.sorted() {
                var lane = TimelinePlot.Lane(name: "Rank \(rank)")
                for box in boxes[rank] ?? [] {
                    lane.append(box.interval, label: panel.addLabel(box.name, box.plotParts, note: box.note))
                }
                panel.lanes.append(lane)
            }
            return panel
        }
        return .timeline(end: ends.max() ?? 0, panels: panels)
    }
}

extension ActionBox {
    fileprivate var plotParts: [TimelinePlot.Part] {
        parts.compactMap { part in
            PlotKind(part.kind).map {
                TimelinePlot.Part(
                    kind: $0, text: "\(part.number)", opacity: ScheduleChart.opacity(ofChunk: part.chunk),
                    weight: part.weight)
            }
        }
    }
}
