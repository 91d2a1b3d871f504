import ProfilerTraces

/// The differences between two runs.
struct ComparisonReport {
    let comparison: RunComparison
    let top: Int

    init(_ comparison: RunComparison, top: Int) {
        self.comparison = comparison
        self.top = top
    }

    private var sections: [(name: String, rows: [RunComparison.Row])] {
        [
            ("class", comparison.classes), ("phase", comparison.phases), ("kernel", comparison.kernels),
            ("exposed by range", comparison.ranges),
        ].filter { !$0.1.isEmpty }
    }

    var table: String {
        sections.map { section in
            let rows = ["class", "phase"].contains(section.name) ? section.rows[...] : section.rows.prefix(top)
            return TextTable(
                header: [section.name, "this ms", "other ms", "difference ms", "change %"],
                rows: rows.map {
                    [
                        $0.name, milliseconds($0.first), milliseconds($0.second), milliseconds($0.difference),
                        $0.second == 0 ? "-" : percentage(Double($0.difference) / Double($0.second)),
                    ]
                }
            ).render()
        }.joined(separator: "\n")
    }

    var csv: String {
        let rows = sections.flatMap { section in
            section.rows.map { "\(section.name),\(csvCell($0.name)),\($0.first),\($0.second),\($0.difference)" }
        }
        return (["kind,name,this_ns,other_ns,difference_ns"] + rows).joined(separator: "\n") + "\n"
    }

    private struct Document: Encodable {
        let version = 1
        let classes, phases, kernels, exposed: [Row]
    }

    private struct Row: Encodable {
        let name: String
        let thisNs, otherNs, differenceNs: Int64

        init(_ row: RunComparison.Row) {
            name = row.name
            thisNs = row.first
            otherNs = row.second
            differenceNs = row.difference
        }
    }

    func json() throws -> String {
        try JSONOutput.text(
            Document(
                classes: comparison.classes.map(Row.init), phases: comparison.phases.map(Row.init),
                kernels: comparison.kernels.map(Row.init), exposed: comparison.ranges.map(Row.init)))
    }
}
