import ProfilerTraces

/// The figures of HolisticTraceAnalysis under its own column names.
struct CompatibleReport {
    let analysis: HolisticAnalysis

    /// The columns of the overlap and of the temporal breakdown, one row per rank.
    private static let columns = [
        "rank", "comp_comm_overlap_pctg", "idle_time(us)", "compute_time(us)", "non_compute_time(us)",
        "kernel_time(us)", "idle_time_pctg", "compute_time_pctg", "non_compute_time_pctg",
    ]
    /// The columns of the idle-time breakdown, one row per rank, stream and category.
    private static let idleColumns = ["rank", "stream", "idle_category", "idle_time", "idle_time_ratio"]

    private var ranks: [JSONObject] {
        analysis.ranks.map { rank in
            let times = [rank.idle, rank.compute, rank.nonCompute]
            return JSONObject(
                Self.columns, [rank.rank, rank.overlapPercent] + times + [rank.kernel] + times.map(rank.percent))
        }
    }

    private var idleTimes: [JSONObject] {
        analysis.idleTimes.map { JSONObject(Self.idleColumns, [$0.rank, $0.stream, $0.cause.name, $0.time, $0.ratio]) }
    }

    var table: String {
        [(Self.columns, ranks), (Self.idleColumns, idleTimes)].map { columns, rows in
            TextTable(header: columns, rows: rows.map { $0.cells(missing: "NaN") }).render()
        }.joined(separator: "\n")
    }

    var csv: String { csvText([Self.columns] + ranks.map { $0.cells(missing: "NaN") }) }

    func json() -> String {
        let document: JSONObject = [
            "version": 1, "compatible": "hta", "ranks": ranks, "idle_time_breakdown": idleTimes,
        ]
        return document.text
    }
}
