import ContraflowCharts
import ProfilerTraces
import Timelines

extension HTMLReport {
    /// The blocks of one rank: its figures, its timeline and its kernels.
    func blocks(of rank: RankAnalysis, _ trace: RankTrace) -> [TimelinePage.Block] {
        let actions = actions(trace, rank.window ?? 0..<0)
        return [
            .heading("Rank \(rank.rank)"), .figures(figures(rank.breakdown)),
            .legend(
                legend(withActions: !actions.isEmpty),
                remark: " \u{2014} scroll to zoom, drag to move, double-click to show everything"),
            plot(rank, trace, actions), .heading("Kernels"), kernels(rank),
        ]
    }

    private func figures(_ breakdown: TimeBreakdown) -> [(name: String, value: String)] {
        let times: [(name: String, time: Int64)] = [
            ("span", breakdown.span), ("busy", breakdown.busy), ("compute", breakdown.compute),
            ("communication", breakdown.communication), ("memory", breakdown.memory), ("hidden", breakdown.overlap),
            ("exposed", breakdown.exposed), ("idle", breakdown.idle),
        ]
        return times.map { ($0.name, milliseconds($0.time) + " ms") }
            + [("hidden %", percentage(breakdown.hiddenShare))]
    }

    private func legend(withActions: Bool) -> [(text: String, swatches: [TimelinePage.Swatch])] {
        let work: [(String, PlotKind)] = [
            ("computation", .compute), ("communication", .communication), ("memory", .memory), ("exposed", .exposed),
        ]
        let actions: [(String, PlotKind)] = [
            ("forward", .forward), ("backward", .backward), ("weight gradient", .weightGradient),
            ("forward with backward", .pair), ("waiting", .wait),
        ]
        return (work + (withActions ? actions : [])).map { ($0, [.kind($1)]) }
    }

    private func kernels(_ rank: RankAnalysis) -> TimelinePage.Block {
        let labels = KernelLabels(rank.kernels)
        let rows = rank.kernels.map { use -> SortableTable.Row in
            let cells: [SortableTable.Cell] = [
                .text(shortKernelName(use.name)), .text(use.kind.activity.name), .count(use.count), .time(use.time),
                .time(use.longest), .time(use.exposed),
            ]
            return (cells, use.name, labels.arguments(use))
        }
        return .sortableTable(
            placeholder: "filter kernels by name or class",
            columns: ["kernel", "class", "count", "ms", "longest ms", "exposed ms"], sortedBy: 3, rows: rows)
    }

    /// The timeline of a rank, from the start of the window: strips of computation, communication and exposed
    /// communication, then the pipeline's actions, then the lanes of the trace.
    private func plot(_ rank: RankAnalysis, _ trace: RankTrace, _ actions: [Action]) -> TimelinePage.Block {
        let window = rank.window ?? 0..<0
        func moved(_ interval: Range<Int64>) -> Range<Int64> {
            interval.lowerBound - window.lowerBound..<interval.upperBound - window.lowerBound
        }
        var panel = TimelinePlot.Panel()
        panel.strips = [
            ("computation", .compute, rank.times.compute.intervals.map(moved)),
            ("communication", .communication, rank.times.communication.intervals.map(moved)),
            ("exposed", .exposed, rank.times.exposed.intervals.map(moved)),
        ]
        if !actions.isEmpty {
            var lane = TimelinePlot.Lane(name: "actions")
            for action in actions {
                let label = addLabel(action.name, action.kind, to: &panel)
                lane.append(moved(action.interval.clamped(to: window)), label: label)
            }
            panel.lanes.append(lane)
        }
        let timeline = trace.timeline
        var lanes = timeline.lanes.map { TimelinePlot.Lane(name: $0.name) }
        // Only kernels in the window get a label. Events of several micro-batches share one label.
        var labels: [String: Int] = [:]
        let spans = timeline.spans.filter { $0.interval.overlaps(window) }
            .sorted { ($0.start, $0.event) < ($1.start, $1.event) }
        for span in spans {
            let event = timeline.event(of: span)
            let key = "\(event.activity.name) \(event.name)"
            let label = labels[key] ?? addLabel(shortKernelName(event.name), PlotKind(event.activity), to: &panel)
            labels[key] = label
            lanes[Int(span.lane)].append(moved(span.interval.clamped(to: window)), label: label)
        }
        panel.lanes += lanes
        return .timeline(end: window.upperBound - window.lowerBound, panels: [panel])
    }

    private func addLabel(_ name: String, _ kind: PlotKind, to panel: inout TimelinePlot.Panel) -> Int {
        let last = name.split(separator: "::").last.map(String.init) ?? name
        return panel.addLabel(name, [TimelinePlot.Part(kind: kind, text: last)])
    }

    /// One pipeline action, or two overlapped actions.
    private typealias Action = (name: String, kind: PlotKind, interval: Range<Int64>)

    /// The pipeline actions in a window. Empty if the timeline's own events are actions, which its lanes show already.
    private func actions(_ trace: RankTrace, _ window: Range<Int64>) -> [Action] {
        guard trace.timeline.events.allSatisfy({ $0.action == nil }) else { return [] }
        var shown: [Action] = []
        for action in trace.actions where action.interval.overlaps(window) {
            // Overlapped actions have the same interval.
            if let last = shown.last, last.interval == action.interval {
                shown[shown.count - 1].name += " with \(action.name)"
                shown[shown.count - 1].kind = .pair
            } else {
                shown.append((action.name, PlotKind(action.kind) ?? .compute, action.interval))
            }
        }
        return shown
    }
}
