import Foundation
import ProfilerTraces
import Timelines

/// An analysis as one HTML file that needs nothing else: findings, figures, a timeline to zoom into, kernels to sort.
struct HTMLReport {
    let report: AnalysisReport

    init(_ report: AnalysisReport) {
        self.report = report
    }

    var html: String {
        let traces = report.traces.sorted { ($0.rank, $0.path) < ($1.rank, $1.path) }
        let ranks = zip(report.run.ranks, traces).map { rank, trace in data(rank, trace) }
        let findings = report.findings.prefix(report.top).map {
            JSONText.object([
                ("rank", report.run.ranks.count > 1 ? $0.rank.map { String($0) } ?? "null" : "null"),
                ("title", JSONText.string($0.title)), ("time", JSONText.string(milliseconds($0.time))),
                ("share", JSONText.string(percentage($0.share))),
                ("evidence", "[" + $0.evidence.map(JSONText.string).joined(separator: ",") + "]"),
            ])
        }
        let text = """
            {"findings":[\(findings.joined(separator: ","))],
            "pipeline":\(report.pipeline?.json ?? "null"),
            "causes":[\(causes.joined(separator: ","))],
            "ranks":[\(ranks.joined(separator: ",\n"))]}
            """
        // Within a script, only this byte could begin what ends it. By bytes: a search by characters takes seconds.
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "<") { escaped += Array("\\u003c".utf8) } else { escaped.append(byte) }
        }
        let parts = Self.page.components(separatedBy: "/*DATA*/")
        return parts[0] + String(decoding: escaped, as: UTF8.self) + parts[1]
    }

    /// Communication by what launched it or what it is for.
    private var causes: [String] {
        let parts = report.run.annotations.isEmpty ? report.run.families : report.run.annotations
        return parts.map {
            JSONText.object([
                ("name", JSONText.string($0.name)), ("count", String($0.count)), ("time", String($0.time)),
                ("exposed", String($0.exposed)), ("hidden", JSONText.string(percentage($0.hiddenShare))),
            ])
        }
    }

    /// A lane of a pipeline's actions, each with a label of its own; none where the trace names no actions apart from its
    /// work.
    private func actions(_ trace: RankTrace, _ window: Range<Int64>) -> [String] {
        let actions = trace.actions.filter { $0.interval.overlaps(window) }
        guard !actions.isEmpty, trace.timeline.labels.allSatisfy({ $0.stage == nil }) else { return [] }
        // Two that are overlapped have one extent.
        var shown: [(name: String, kind: String, interval: Range<Int64>)] = []
        for action in actions {
            if let last = shown.last, last.interval == action.interval {
                shown[shown.count - 1].name += " with \(action.name)"
                shown[shown.count - 1].kind = "pair"
            } else {
                shown.append((action.name, "\(action.kind)", action.interval))
            }
        }
        let cells = shown.enumerated().map { index, action in
            let interval = action.interval.clamped(to: window)
            return "\(interval.lowerBound - window.lowerBound),\(interval.upperBound - interval.lowerBound),\(index)"
        }
        let labels = shown.map {
            JSONText.object([("name", JSONText.string($0.name)), ("kind", JSONText.string($0.kind))])
        }
        return [
            "{\"name\":\"actions\",\"labels\":[\(labels.joined(separator: ","))],"
                + "\"spans\":[\(cells.joined(separator: ","))]}"
        ]
    }

    /// One rank: its figures, its kernels, and for each lane starts, lengths and kernel numbers. Times are nanoseconds
    /// from the window's start.
    private func data(_ rank: RankAnalysis, _ trace: RankTrace) -> String {
        let window = rank.window ?? 0..<0
        var order: [Int: Int] = [:]
        var kernels: [String] = []
        var uses: [String: KernelUse] = [:]
        for use in rank.kernels { uses["\(use.kind.activity.name) \(use.name)"] = use }
        for (index, label) in trace.timeline.labels.enumerated() {
            guard let use = uses["\(label.activity.name) \(label.name)"] else { continue }
            order[index] = kernels.count
            kernels.append(
                JSONText.object([
                    ("name", JSONText.string(shortKernelName(use.name))), ("full", JSONText.string(use.name)),
                    ("rest", JSONText.string(kernelArguments(use.name))),
                    ("kind", JSONText.string(use.kind.activity.name)), ("count", String(use.count)),
                    ("time", String(use.time)), ("longest", String(use.longest)), ("exposed", String(use.exposed)),
                ]))
        }
        let lanes = trace.timeline.lanes.enumerated().map { lane, value in
            let spans = trace.timeline.spans.filter { Int($0.lane) == lane && $0.interval.overlaps(window) }
                .sorted { ($0.start, $0.label) < ($1.start, $1.label) }
            let cells = spans.map { span in
                let interval = span.interval.clamped(to: window)
                return "\(interval.lowerBound - window.lowerBound),\(interval.upperBound - interval.lowerBound),"
                    + "\(order[Int(span.label)] ?? 0)"
            }
            return "{\"name\":\(JSONText.string(value.name)),\"spans\":[\(cells.joined(separator: ","))]}"
        }
        func strip(_ set: IntervalSet) -> String {
            "["
                + set.intervals.map { "\($0.lowerBound - window.lowerBound),\($0.upperBound - window.lowerBound)" }
                .joined(separator: ",") + "]"
        }
        let all = rank.breakdown
        let figures = [
            ("span", all.span), ("busy", all.busy), ("compute", all.compute), ("communication", all.communication),
            ("memory", all.memory), ("hidden", all.overlap), ("exposed", all.exposed), ("idle", all.idle),
        ].map { "[\(JSONText.string($0.0)),\(JSONText.string(milliseconds($0.1) + " ms"))]" }
        let hidden = "[\"hidden %\",\(JSONText.string(percentage(all.hiddenShare)))]"
        return """
            {"rank":\(rank.rank),"span":\(window.upperBound - window.lowerBound),"figures":[\(figures.joined(separator: ",")),\(hidden)],
            "kernels":[\(kernels.joined(separator: ",\n"))],
            "lanes":[\((actions(trace, window) + lanes).joined(separator: ",\n"))],
            "compute":\(strip(rank.times.compute)),"communication":\(strip(rank.times.communication)),"exposed":\(strip(rank.times.exposed))}
            """
    }
}
