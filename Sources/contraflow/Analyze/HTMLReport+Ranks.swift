import ContraflowCharts
import PipelineSchedules
import ProfilerTraces
import Timelines

extension HTMLReport {
    /// All ranks on one time axis, a row per rank: the pipeline's actions, if the trace names them, above thin bands of
    /// computation, communication and exposed communication. A single rank shows its lanes as well.
    var overview: [Page.Block] {
        let ranks = report.run.ranks
        let traces = report.traces.byRank
        if ranks.count == 1, let rank = ranks.first { return lanes(of: rank, traces[0]) }
        let shifts = report.run.shifts(report.traces)
        // The first start of any rank on the common clock.
        let start = zip(ranks, shifts ?? []).compactMap { rank, shift in rank.window.map { $0.lowerBound &+ shift } }
            .min()
        var panel = TimelinePlot.Panel()
        var end: Int64 = 0
        var hasActions = false
        for (index, rank) in ranks.enumerated() {
            guard let window = rank.window else { continue }
            let origin = if let shifts, let start { start &- shifts[index] } else { window.lowerBound }
            end = max(end, window.upperBound - origin)
            var lane = TimelinePlot.Lane(name: "Rank \(rank.label)")
            for action in actions(traces[index], window) {
                hasActions = true
                lane.append(
                    action.interval.moved(by: -origin), label: panel.addLabel(action.name, action.parts))
            }
            lane.bands = bands(rank, origin: origin)
            panel.lanes.append(lane)
        }
        let remark = "Each row begins with the rank's first kernel, because the traces have no common clock."
        return [
            .legend(legend(of: ranks, withActions: hasActions)),
            .timeline(name: "Timeline of all ranks", end: end, texts: .whole, panels: [panel]),
        ] + (shifts == nil ? [.paragraph(remark)] : [])
    }

    /// One rank's bands, its actions and the lanes of its trace.
    func lanes(of rank: RankAnalysis, _ trace: RankTrace) -> [Page.Block] {
        let window = rank.window ?? 0..<0
        let origin = -window.lowerBound
        var panel = TimelinePlot.Panel()
        panel.lanes = bands(rank, origin: window.lowerBound).map { band in
            var lane = TimelinePlot.Lane(name: band.name)
            lane.bands = [band]
            return lane
        }
        // The lanes of a simulated timeline are its actions.
        let isSimulated = trace.timeline.events.contains { $0.action != nil }
        let actions = isSimulated ? [] : actions(trace, window)
        if !actions.isEmpty {
            var lane = TimelinePlot.Lane(name: "actions")
            for action in actions {
                lane.append(action.interval.moved(by: origin), label: panel.addLabel(action.name, action.parts))
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
            let label = labels[key] ?? addLabel(event, to: &panel)
            labels[key] = label
            lanes[Int(span.lane)].append(span.interval.clamped(to: window).moved(by: origin), label: label)
        }
        panel.lanes += lanes
        return [
            .legend(legend(of: [rank], withActions: isSimulated || !actions.isEmpty)),
            .timeline(
                name: "Lanes of rank \(rank.rank)", end: window.upperBound - window.lowerBound, texts: .clipped,
                panels: [panel]),
        ]
    }

    private func bands(
        _ rank: RankAnalysis, origin: Int64
    ) -> [(name: String, kind: PlotKind, intervals: [Range<Int64>])] {
        let all: [(name: String, kind: PlotKind, set: IntervalSet)] = [
            ("computation", .compute, rank.times.compute), ("communication", .communication, rank.times.communication),
            ("exposed", .exposed, rank.times.exposed),
        ]
        return all.map { ($0.name, $0.kind, $0.set.intervals.map { $0.moved(by: -origin) }) }
    }

    private func legend(
        of ranks: [RankAnalysis], withActions: Bool
    ) -> [(text: String, swatch: Page.Swatch)] {
        let work: [(String, Page.Swatch)] = [
            ("Computation", .kind(.compute)), ("Communication", .kind(.communication)),
            ("Exposed communication", .kind(.exposed)),
        ]
        let hasMemory = ranks.contains { $0.breakdown.memory > 0 }
        let hasWaits = ranks.contains { $0.isRecorded }
        return (withActions ? ScheduleChart.actionLegend : []) + work + (hasMemory ? [("Memory", .kind(.memory))] : [])
            + (hasWaits ? [("Waiting", .kind(.wait))] : []) + [("Idle", .idle)]
    }

    private func addLabel(_ event: TimelineEvent, to panel: inout TimelinePlot.Panel) -> Int {
        let name = shortKernelName(event.name)
        let last = name.split(separator: "::").last.map(String.init) ?? name
        let kind = event.action.flatMap { PlotKind($0.kind) } ?? PlotKind(event.activity)
        return panel.addLabel(name, [TimelinePlot.Part(kind: kind, text: last)])
    }

    /// One pipeline action, or two overlapped actions.
    private struct ShownAction {
        var name: String
        var parts: [TimelinePlot.Part]
        var interval: Range<Int64>
    }

    /// The pipeline actions in a window. Overlapped actions have the same interval and share a box.
    private func actions(_ trace: RankTrace, _ window: Range<Int64>) -> [ShownAction] {
        var shown: [ShownAction] = []
        for action in trace.actions where action.interval.overlaps(window) {
            let part =
                TimelinePlot.Part(action.kind, text: action.name)
                ?? TimelinePlot.Part(kind: .compute, text: action.name)
            let interval = action.interval.clamped(to: window)
            if let last = shown.last, last.interval == interval {
                shown[shown.count - 1].name += " & \(action.name)"
                shown[shown.count - 1].parts.append(part)
            } else {
                shown.append(ShownAction(name: action.name, parts: [part], interval: interval))
            }
        }
        return shown
    }
}

extension Range<Int64> {
    fileprivate func moved(by distance: Int64) -> Range<Int64> { lowerBound + distance..<upperBound + distance }
}
