import ProfilerTraces
import Timelines

/// What an analysis says, as a table.
struct RunReport {
    let run: RunAnalysis
    let traces: [RankTrace]
    let top: Int

    init(_ run: RunAnalysis, traces: [RankTrace], top: Int) {
        self.run = run
        self.traces = traces
        self.top = top
    }

    /// All ranks' findings, the most valuable first.
    var findings: [Finding] {
        let all = run.ranks.flatMap { $0.findings { "\(milliseconds($0)) ms" } } + slowRanks
        return all.sorted { ($1.time, $0.title, $0.rank ?? -1) < ($0.time, $1.title, $1.rank ?? -1) }
    }

    private var slowRanks: [Finding] {
        run.waiting.compactMap { rank in
            guard rank.keptOthers > 0, let span = run.ranks.map(\.breakdown.span).max(), span > 0 else { return nil }
            let mean = rank.keptOthers / Int64(max(1, run.ranks.count - 1))
            let share = Double(mean) / Double(span)
            guard share >= 0.001 else { return nil }
            return Finding(
                title: "rank \(rank.rank) begins collectives last, and the others wait for it", rank: nil, time: mean,
                share: share,
                evidence: ["last in \(rank.timesLast) of \(run.collectives.count) matched collectives"])
        }
    }

    var table: String {
        var sections = [overview, findingsText]
        for rank in run.ranks where rank.breakdown.communication > 0 {
            let prefix = run.ranks.count > 1 ? "rank \(rank.rank): " : ""
            sections.append(parts(prefix + "communication by kernel", rank.families))
            sections.append(parts(prefix + "communication by launching range", rank.annotations))
            sections.append(parts(prefix + "communication by group", rank.groups))
            if rank.streams.count > 1 { sections.append(parts(prefix + "communication by stream", rank.streams)) }
        }
        for rank in run.ranks {
            let prefix = run.ranks.count > 1 ? "rank \(rank.rank): " : ""
            sections.append(kernels(prefix + "kernel", rank))
            if rank.steps.count > 1 { sections.append(steps(prefix + "step", rank)) }
            if !rank.pairs.isEmpty { sections.append(pairs(prefix + "forward and backward woven", rank)) }
        }
        sections.append(waiting)
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static let columns = [
        "span ms", "busy ms", "compute ms", "comm ms", "memory ms", "hidden ms", "exposed ms", "hidden %", "idle ms",
    ]

    private func cells(_ breakdown: TimeBreakdown) -> [String] {
        [
            breakdown.span, breakdown.busy, breakdown.compute, breakdown.communication, breakdown.memory,
            breakdown.overlap, breakdown.exposed,
        ].map(milliseconds) + [percentage(breakdown.hiddenShare), milliseconds(breakdown.idle)]
    }

    private var overview: String {
        var rows = run.ranks.map { rank in
            [String(rank.rank)] + cells(rank.breakdown)
                + [rank.idle.host, rank.idle.dependency, rank.idle.launch].map(milliseconds)
        }
        if run.ranks.count > 1 {
            let idle = run.ranks.reduce(IdleCauses()) { $0 + $1.idle }
            rows.append(["all"] + cells(run.total) + [idle.host, idle.dependency, idle.launch].map(milliseconds))
        }
        let header = ["rank"] + Self.columns + ["host ms", "depend ms", "launch ms"]
        var text = TextTable(header: header, rows: rows).render()
        if run.total.communication == 0 { text += "no communication\n" }
        return text
    }

    private var findingsText: String {
        let findings = findings.prefix(top)
        guard !findings.isEmpty else { return "" }
        return "findings, the most valuable first\n"
            + findings.enumerated().map { index, finding in
                let rank = finding.rank.map { run.ranks.count > 1 ? "rank \($0): " : "" } ?? ""
                let evidence = finding.evidence.map { "\n   \($0)" }.joined()
                return "\(index + 1). \(rank)\(finding.title): \(milliseconds(finding.time)) ms, "
                    + "at most \(percentage(finding.share)) % of the span\(evidence)\n"
            }.joined()
    }

    private func parts(_ title: String, _ parts: [CommunicationPart]) -> String {
        guard !parts.isEmpty else { return "" }
        let hasBandwidth = parts.contains { $0.busBandwidth != nil }
        return TextTable(
            header: [title, "count", "comm ms", "exposed ms", "hidden %"] + (hasBandwidth ? ["bus GB/s"] : []),
            rows: parts.prefix(top).map {
                [
                    $0.name, String($0.count), milliseconds($0.time), milliseconds($0.exposed),
                    percentage($0.hiddenShare),
                ] + (hasBandwidth ? [$0.busBandwidth.map { percentage($0 / 1e11) } ?? "-"] : [])
            }
        ).render()
    }

    private func kernels(_ title: String, _ rank: RankAnalysis) -> String {
        guard !rank.kernels.isEmpty, top > 0 else { return "" }
        return TextTable(
            header: [title, "class", "count", "ms", "longest ms", "exposed ms"],
            rows: rank.kernels.prefix(top).map {
                [
                    String(shortKernelName($0.name).suffix(70)), $0.kind.activity.name, String($0.count),
                    milliseconds($0.time), milliseconds($0.longest), milliseconds($0.exposed),
                ]
            }
        ).render()
    }

    private func steps(_ title: String, _ rank: RankAnalysis) -> String {
        TextTable(
            header: [title] + Self.columns, rows: rank.steps.map { [String($0.number)] + cells($0.breakdown) }
        ).render()
    }

    private func pairs(_ title: String, _ rank: RankAnalysis) -> String {
        let rows = rank.pairs.prefix(top).map { pair in
            ["\(pair.name) at \(milliseconds(pair.start - (rank.window?.lowerBound ?? 0)))"] + cells(pair.breakdown)
        }
        return TextTable(header: [title] + Self.columns, rows: rows).render()
    }

    private var waiting: String {
        guard !run.collectives.isEmpty else { return "" }
        return TextTable(
            header: ["collectives matched over ranks", "waited ms", "transfer ms", "times last", "clock ms", "+- ms"],
            rows: zip(run.waiting, run.clocks).map { rank, clock in
                [
                    "rank \(rank.rank)", milliseconds(rank.waited), milliseconds(rank.transferred),
                    String(rank.timesLast), milliseconds(clock.offset), clock.uncertainty.map(milliseconds) ?? "-",
                ]
            }
        ).render()
    }
}
