import ProfilerTraces

/// HolisticTraceAnalysis's figures under its own column names.
struct CompatibleReport {
    let analysis: HolisticAnalysis

    init(_ analysis: HolisticAnalysis) {
        self.analysis = analysis
    }

    private static let columns = [
        "rank", "comp_comm_overlap_pctg", "idle_time(us)", "compute_time(us)", "non_compute_time(us)",
        "kernel_time(us)", "idle_time_pctg", "compute_time_pctg", "non_compute_time_pctg",
    ]

    private var rows: [[String]] {
        analysis.ranks.map { rank in
            let times = [rank.idle, rank.compute, rank.nonCompute]
            let values = [rank.overlapPercent] + times.map { $0 } + [rank.kernel] + times.map { rank.percent($0) }
            return [String(rank.rank)] + values.map { $0.map { "\($0)" } ?? "NaN" }
        }
    }

    private static let idleColumns = ["rank", "stream", "idle_category", "idle_time", "idle_time_ratio"]

    private var idleRows: [[String]] {
        analysis.idleTimes.map { idle in
            [
                String(idle.rank), String(idle.stream), idle.cause.name, "\(idle.time)",
                idle.ratio.map { "\($0)" } ?? "NaN",
            ]
        }
    }

    var table: String {
        let tables = [TextTable(header: Self.columns, rows: rows), TextTable(header: Self.idleColumns, rows: idleRows)]
        return tables.map { $0.render() }.joined(separator: "\n")
    }

    var csv: String { ([Self.columns] + rows).map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n" }

    var json: String {
        let idle = idleRows.map { row in row.enumerated().map { $0 == 2 ? JSONText.string($1) : $1 } }
        return """
            {"version": 1, "compatible": "hta",
              "ranks": \(objects(Self.columns, rows)),
              "idle_time_breakdown": \(objects(Self.idleColumns, idle))}

            """
    }

    private func objects(_ columns: [String], _ rows: [[String]]) -> String {
        JSONText.array(
            rows.map { JSONText.object(zip(columns, $0).map { ($0, $1 == "NaN" ? "null" : $1) }) }, indent: "    ")
    }
}
