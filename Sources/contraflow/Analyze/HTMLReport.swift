import ContraflowCharts
import ProfilerTraces
import Timelines

/// An analysis as one self-contained HTML file: findings, figures, a timeline with zoom, and a sortable table of
/// kernels.
struct HTMLReport {
    let report: AnalysisReport

    var html: String {
        let findings = report.run.findings.prefix(report.top).map {
            (title: report.title(of: $0), remark: AnalysisReport.worth(of: $0), evidence: $0.evidence)
        }
        return TimelinePage.html(
            title: "Contraflow analysis", heading: "Contraflow: hidden and exposed communication, idle time",
            look: .trace,
            blocks: [
                .section(
                    id: "findings", [.findings(findings, fallback: "no finding is worth 0.1 % of the span")]),
                .section(id: "run", causes + pipeline), .section(id: "ranks", ranks),
            ])
    }

    /// Communication by the range that launched it or, if the traces have no ranges, by kernel family.
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
