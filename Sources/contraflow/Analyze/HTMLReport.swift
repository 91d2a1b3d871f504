import ContraflowCharts
import ProfilerTraces
import Timelines

/// An analysis as one HTML file that needs nothing else: findings, figures, a timeline to zoom into, kernels to sort.
struct HTMLReport {
    let report: AnalysisReport

    init(_ report: AnalysisReport) {
        self.report = report
    }

    var html: String {
        TimelinePage(
            title: "Contraflow analysis", heading: "Contraflow: what is hidden, what is exposed, where it idles",
            look: .trace,
            blocks: [
                .section(
                    id: "findings",
                    [.findings(findings, fallback: "nothing of a thousandth of the span or more")]),
                .section(id: "run", causes + pipeline), .section(id: "ranks", ranks),
            ]
        ).html()
    }

    private var findings: [TimelinePage.Finding] {
        report.run.findings.prefix(report.top).map { finding in
            let rank = finding.rank.map { report.run.ranks.count > 1 ? "rank \($0): " : "" } ?? ""
            return TimelinePage.Finding(
                title: "\(rank)\(finding.title): \(milliseconds(finding.time)) ms",
                remark: ", at most \(percentage(finding.share)) % of the span", evidence: finding.evidence)
        }
    }

    /// Communication by the range that launched it, else by kernel family.
    private var causes: [TimelinePage.Block] {
        let parts = report.run.annotations.isEmpty ? report.run.families : report.run.annotations
        guard !parts.isEmpty else { return [] }
        return [
            .heading("Communication by cause" + (report.run.ranks.count > 1 ? ", all ranks" : "")),
            .table(
                header: ["cause", "count", "ms", "exposed ms", "hidden %"],
                rows: parts.map {
                    [
                        $0.name, "\($0.count)", milliseconds($0.time), milliseconds($0.exposed),
                        percentage($0.hiddenShare),
                    ]
                }),
        ]
    }

    private var pipeline: [TimelinePage.Block] {
        guard let pipeline = report.pipeline?.pipeline else { return [] }
        let phases = PipelinePhase.allCases
        return [
            .heading(
                "Pipeline: \(percentage(pipeline.bubbleShare ?? 0)) % bubble of \(milliseconds(pipeline.length)) ms"),
            .table(
                header: ["rank", "bubble ms", "waiting ms", "transfer ms", "other ms"]
                    + phases.flatMap { ["\($0.name) ms", "bubble ms"] },
                rows: pipeline.ranks.map { rank in
                    let total = rank.total
                    return ["\(rank.rank)"]
                        + [total.total, total.waiting, total.transfer, total.other].map(milliseconds)
                        + phases.flatMap {
                            [milliseconds(rank.lengths[$0.rawValue]), milliseconds(rank.bubbles[$0.rawValue].total)]
                        }
                }),
        ]
    }

    private var ranks: [TimelinePage.Block] {
        let traces = report.traces.sorted { ($0.rank, $0.file.path) < ($1.rank, $1.file.path) }
        return zip(report.run.ranks, traces).map { .section(blocks(of: $0, $1)) }
    }
}
