import ProfilerTraces
import Timelines

extension AnalysisReport {
    /// The overview, the findings and the lists as aligned text.
    var table: String {
        let prefix = run.ranks.count > 1 ? "all ranks: " : ""
        let isRecorded = run.ranks.contains(where: \.isRecorded)
        var sections = [overview, notesText, findingsText]
        if let pipeline { sections.append(pipeline.table) }
        if run.total.communication > 0 {
            let streams = run.streams
            sections.append(parts(prefix + "communication by \(isRecorded ? "cause" : "kernel")", run.families))
            sections.append(parts(prefix + "communication by launching range", run.annotations))
            sections.append(parts(prefix + "communication by group", run.groups))
            if streams.count > 1 { sections.append(parts(prefix + "communication by stream", streams)) }
        }
        sections.append(kernels(prefix + "kernel", run.kernels))
        let steps = run.steps
        if steps.count > 1 { sections.append(self.steps(prefix + "step", steps)) }
        sections.append(pairs)
        sections.append(inFlight)
        sections.append(waiting)
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The columns of a breakdown of time.
    static let columns = [
        "span ms", "busy ms", "compute ms", "comm ms", "memory ms", "hidden ms", "exposed ms", "hidden %", "idle ms",
    ]

    /// The cells of a breakdown of time.
    static func cells(_ breakdown: TimeBreakdown) -> [String] {
        [
            breakdown.span, breakdown.busy, breakdown.compute, breakdown.communication, breakdown.memory,
            breakdown.overlap, breakdown.exposed,
        ].map(milliseconds) + [percentage(breakdown.hiddenShare), milliseconds(breakdown.idle)]
    }

    private var overview: String {
        func row(_ name: String, _ breakdown: TimeBreakdown, _ idle: IdleCauses) -> [String] {
            [name] + Self.cells(breakdown) + [idle.host, idle.dependency, idle.launch].map(milliseconds)
        }
        var rows = run.ranks.map { row($0.label, $0.breakdown, $0.idle) }
        if run.ranks.count > 1 { rows.append(row("all", run.total, run.ranks.reduce(IdleCauses()) { $0 + $1.idle })) }
        let header = ["rank"] + Self.columns + ["host ms", "depend ms", "launch ms"]
        var text = TextTable(header: header, rows: rows).render()
        if run.total.communication == 0 { text += "no communication\n" }
        return text
    }

    private var notesText: String {
        let lines = run.noteLines
        return lines.isEmpty ? "" : "notes on these figures\n" + lines.map { "- \($0)\n" }.joined()
    }

    private var findingsText: String {
        let findings = run.findings.prefix(top).enumerated().map { index, finding in
            let evidence = finding.evidence.map { "\n   \($0)" }.joined()
            return "\(index + 1). \(title(of: finding))\(Self.worth(of: finding))\(evidence)\n"
        }
        return findings.isEmpty ? "" : "findings, the most valuable first\n" + findings.joined()
    }

    private func parts(_ title: String, _ parts: [CommunicationPart]) -> String {
        guard !parts.isEmpty, top > 0 else { return "" }
        let hasBandwidth = parts.contains { $0.busBandwidth != nil }
        return TextTable(
            header: [title, "count", "comm ms", "exposed ms", "hidden %"] + (hasBandwidth ? ["bus GB/s"] : []),
            rows: parts.prefix(top).map {
                Self.cells($0) + (hasBandwidth ? [percentage($0.busBandwidth.map { $0 / 1e11 })] : [])
            }
        ).render()
    }

    private func kernels(_ title: String, _ kernels: [KernelUse]) -> String {
        guard !kernels.isEmpty, top > 0 else { return "" }
        let labels = KernelLabels(kernels)
        return TextTable(
            header: [title, "class", "count", "ms", "longest ms", "exposed ms"],
            rows: kernels.prefix(top).map {
                [
                    labels.text($0), $0.kind.activity.name, String($0.count), milliseconds($0.time),
                    milliseconds($0.longest), milliseconds($0.exposed),
                ]
            }
        ).render()
    }

    private func steps(_ title: String, _ steps: [StepAnalysis]) -> String {
        TextTable(
            header: [title] + Self.columns, rows: steps.map { [String($0.number)] + Self.cells($0.breakdown) }
        ).render()
    }

    /// The overlapped pairs, sorted by exposed communication in descending order.
    private var pairs: String {
        let pairs = run.ranks.flatMap { rank in rank.pairs.map { (rank, $0) } }.sorted {
            ($1.1.breakdown.exposed, $0.0.rank, $0.1.start) < ($0.1.breakdown.exposed, $1.0.rank, $1.1.start)
        }
        guard !pairs.isEmpty else { return "" }
        let rows = pairs.prefix(top).map { rank, pair in
            let start = pair.start - rank.origin
            return ["\(prefix(ofRank: rank.rank))\(pair.name) at \(milliseconds(start))"] + Self.cells(pair.breakdown)
        }
        return TextTable(header: ["forward and backward overlapped"] + Self.columns, rows: Array(rows)).render()
    }

    private var inFlight: String {
        let rows = run.ranks.flatMap { rank in
            rank.inFlight.map {
                [
                    prefix(ofRank: rank.rank) + $0.name, String($0.count), milliseconds($0.time),
                    milliseconds($0.hidden), percentage($0.hiddenShare),
                ]
            }
        }
        guard !rows.isEmpty else { return "" }
        return TextTable(
            header: ["between sending and receiving", "count", "in flight ms", "hidden ms", "hidden %"],
            rows: Array(rows.prefix(top))
        ).render()
    }

    private var waiting: String {
        guard !run.collectives.isEmpty else { return "" }
        return TextTable(
            header: [
                "collectives matched over ranks", "matched", "waited ms", "transfer ms", "times last", "clock ms",
                "+- ms",
            ],
            rows: zip(run.waiting, run.clocks).map { rank, clock in
                [
                    "rank \(rank.rank)", String(rank.matched), milliseconds(rank.waited),
                    milliseconds(rank.transferred),
                    String(rank.stragglerCount), milliseconds(clock.offset), clock.uncertainty.map(milliseconds) ?? "-",
                ]
            }
        ).render()
    }
}
