import ContraflowCharts
import ProfilerTraces
import Timelines

/// An analysis as one HTML file without references to others: headline figures, one timeline of all ranks, findings,
/// tables, and each rank's own lanes.
struct HTMLReport {
    let report: AnalysisReport

    var html: String {
        let findings = report.run.findings.prefix(report.top).map {
            (title: report.title(of: $0), remark: AnalysisReport.worth(of: $0), evidence: $0.evidence)
        }
        let name = name
        return Page(
            title: "\(name) – Contraflow analysis", heading: name, subtitle: subtitle,
            blocks: [
                .figures(headline), .section(id: "notes", notes), .section(id: "timeline", overview),
                .heading("Findings"),
                .section(
                    id: "findings", [.findings(findings, fallback: "no finding is worth 0.1 % of the span")]),
                .section(id: "run", causes + pipeline), .section(id: "ranks", ranks + kernels),
            ]
        ).html()
    }

    /// The name of the run's folder, or of the first file.
    private var name: String {
        var seen: Set<String> = []
        let paths = report.traces.byRank.map(\.file.path).filter { seen.insert($0).inserted }
        guard let first = paths.first else { return "no trace" }
        let isRun = fileName(first).hasPrefix("timeline.json")
        let folder = first.split(separator: "/").dropLast().last.map(String.init)
        let name = isRun ? folder ?? fileName(first) : fileName(first)
        return paths.count > 1 ? "\(name) and \(paths.count - 1) more" : name
    }

    private var subtitle: String {
        let devices = Set(report.traces.compactMap(\.device)).sorted().joined(separator: ", ")
        return counted(report.run.ranks.count, "rank") + (devices.isEmpty ? "" : " on \(devices)")
    }

    private var headline: [(name: String, value: String)] {
        let total = report.run.total
        func share(_ time: Int64) -> String { percentage(Double(time) / Double(max(total.span, 1))) + " %" }
        let longest = report.run.ranks.map(\.breakdown.span).max() ?? 0
        var figures = [
            (report.run.ranks.contains(where: \.isRecorded) ? "step" : "span", milliseconds(longest) + " ms")
        ]
        if let share = report.pipeline?.pipeline.bubbleShare { figures.append(("bubble", percentage(share) + " %")) }
        figures += [
            ("hidden communication", total.communication == 0 ? "none" : percentage(total.hiddenShare) + " %"),
            ("exposed", share(total.exposed)), ("compute", share(total.compute)), ("idle", share(total.idle)),
        ]
        if total.memory > 0 { figures.append(("memory copies", milliseconds(total.memory) + " ms")) }
        return figures
    }

    private var notes: [Page.Block] {
        let lines = report.run.noteLines
        return lines.isEmpty ? [] : [.heading("Notes on these figures")] + lines.map(Page.Block.paragraph)
    }

    /// Communication by the range that launched it or, if the traces have no ranges, by kernel family.
    private var causes: [Page.Block] {
        let parts = report.run.annotations.isEmpty ? report.run.families : report.run.annotations
        guard !parts.isEmpty else { return [] }
        return [
            .heading("Communication by cause" + (report.run.ranks.count > 1 ? ", all ranks" : "")),
            .table(header: ["cause", "count", "ms", "exposed ms", "hidden %"], rows: parts.map(AnalysisReport.cells)),
        ]
    }

    private var pipeline: [Page.Block] {
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

    /// A table of all ranks and, if there are several, the lanes of each.
    private var ranks: [Page.Block] {
        let ranks = report.run.ranks
        let table = Page.Block.table(
            header: ["rank"] + AnalysisReport.columns,
            rows: ranks.map { [$0.label] + AnalysisReport.cells($0.breakdown) })
        guard ranks.count > 1 else { return [.heading("Time"), table] }
        return [.heading("Ranks"), table]
            + zip(ranks, report.traces.byRank).map { rank, trace in
                .details(summary: "Lanes of rank \(rank.label)", lanes(of: rank, trace))
            }
    }

    private var kernels: [Page.Block] {
        let kernels = report.run.kernels
        let labels = KernelLabels(kernels)
        let rows = kernels.map { use -> SortableTable.Row in
            let cells: [SortableTable.Cell] = [
                .text(shortKernelName(use.name)), .text(use.kind.activity.name), .count(use.count), .time(use.time),
                .time(use.longest), .time(use.exposed),
            ]
            return (cells, use.name, labels.arguments(use))
        }
        return [
            .heading("Kernels" + (report.run.ranks.count > 1 ? ", all ranks" : "")),
            .sortableTable(
                placeholder: "filter kernels by name or class",
                columns: ["kernel", "class", "count", "ms", "longest ms", "exposed ms"], sortedBy: 3, rows: rows),
        ]
    }
}
