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

    var table: String { TextTable(header: Self.columns, rows: rows).render() }

    var csv: String { ([Self.columns] + rows).map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n" }

    var json: String {
        let objects = rows.map { row in
            JSONText.object(zip(Self.columns, row).map { ($0, $1 == "NaN" ? "null" : $1) })
        }
        return "{\"version\": 1, \"compatible\": \"hta\", \"ranks\": \(JSONText.array(objects))}\n"
    }
}
