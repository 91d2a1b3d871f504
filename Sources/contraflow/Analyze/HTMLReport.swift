import ContraflowCharts
import ProfilerTraces
import Timelines

/// An analysis as one HTML file that needs nothing else: findings, figures, a timeline to zoom into, kernels to sort.
struct HTMLReport {
    let report: AnalysisReport

    var html: String {
        let findings = report.run.findings.prefix(report.top).map {
            (title: report.title(of: $0), remark: AnalysisReport.worth(of: $0), evidence: $0.evidence)
        }
        return TimelinePage.html(
            title: "Contraflow analysis", heading: "Contraflow: what is hidden, what is exposed, where it idles",
            look: .trace,
            blocks: [
                .section(
                    id: "findings", [.findings(findings, fallback: "nothing of a thousandth of the span or more")]),
                .section(id: "run", causes + pipeline), .section(id: "ranks", ranks),
            ])
    }

    /// Communication by the range that launched it, else by kernel family.
    private var causes: [TimelinePage.Block] {
        let parts = report.run.annotations.isEmpty ? report.run.families : report.run.annotations
        guard !parts.isEmpty else { return [] }
        return [
            .heading("Communication by cause" + (report.run.ranks.count > 1 ? ", all ranks" : "")),
            .table(header: ["cause", "count", "ms", "exposed ms", "hidden %"], rows: parts.map(AnalysisReport.cells)),
        ]
    }

    private var pipeline: [TimelinePage.Block] {
        guard let pipeline = report.pipeline?.pipeline else { return [] }
        return [
            .heading(
                "Pipeline: \(percentage(pipeline.bubbleShare ?? 0)) % bubble of \(milliseconds(pipeline.length)) ms"),
            .table(
                header: ["rank"] + PipelineReport.columns,
                rows: pipeline.ranks.map {
                    ["\($0.rank)"] + PipelineReport.cells(lengths: $0.lengths, bubbles: $0.bubbles)
                }),
        ]
    }

    private var ranks: [TimelinePage.Block] {
        zip(report.run.ranks, report.traces.byRank).map { .section(blocks(of: $0, $1)) }
    }
}
