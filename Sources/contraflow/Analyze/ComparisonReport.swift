import ProfilerTraces

/// The differences between two runs.
struct ComparisonReport {
    let comparison: RunComparison
    let top: Int

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
        let rows = sections.flatMap { section in section.rows.map { [section.name] + $0.figures.cells() } }
        return csvText([["kind", "name", "this_ns", "other_ns", "difference_ns"]] + rows)
    }

    func json() -> String {
        let document: JSONObject = [
            "version": 1, "classes": comparison.classes.map(\.figures), "phases": comparison.phases.map(\.figures),
            "kernels": comparison.kernels.map(\.figures), "exposed": comparison.ranges.map(\.figures),
        ]
        return document.text
    }
}

extension RunComparison.Row {
    fileprivate var figures: JSONObject {
        ["name": name, "this_ns": first, "other_ns": second, "difference_ns": difference]
    }
}
