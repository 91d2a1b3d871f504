import ContraflowCharts
import ExpertBalancing

/// A comparison of modes on one history, in all output formats of the command.
struct ModeReport {
    let replays: [ModeReplay]
    /// The numbers of the steps.
    let steps: [Int]
    /// The sizes of an expert's parts; nil if they are not known.
    let expertBytes: ExpertBytes?
    /// Doubts about the loads and the placement, one line each.
    let notes: [String]

    private var header: [String] {
        ["mode", "balance", "p50", "p5", "min", "copies", "owners moved"] + (expertBytes == nil ? [] : ["bytes"])
    }

    private var rows: [[String]] {
        replays.map { replay in
            let summary = replay.summary
            return [replay.mode.rawValue] + [summary.mean, summary.p50, summary.p5, summary.min].map { $0.decimals(4) }
                + ["\(replay.copies)", "\(replay.ownerMoves)"] + (expertBytes.map { ["\(replay.bytes($0))"] } ?? [])
        }
    }

    func table() -> String { TextTable(header: header, rows: rows).render() + BalanceReport.text(ofNotes: notes) }

    func csv() -> String {
        let lines = replays.flatMap { replay in
            zip(steps, replay.steps).map { "\(replay.mode.rawValue),\($0),\($1.balance),\($1.copies.count)\n" }
        }
        return "mode,step,balance,copies\n" + lines.joined()
    }

    func json() -> String {
        let document: JSONObject = [
            "version": 1, "modes": replays.map(object), "notes": notes.isEmpty ? nil : notes,
        ]
        return document.withoutNulls.text
    }

    private func object(_ replay: ModeReplay) -> JSONObject {
        let summary = replay.summary
        let object: JSONObject = [
            "mode": replay.mode.rawValue, "balance": summary.mean, "p50": summary.p50, "p5": summary.p5,
            "min": summary.min, "copies": replay.copies, "owner_moves": replay.ownerMoves,
            "bytes": expertBytes.map { replay.bytes($0) },
            "steps": zip(steps, replay.steps).map {
                ["step": $0, "balance": $1.balance, "copies": $1.copies.count] as JSONObject
            },
        ]
        return object.withoutNulls
    }

    func svg() -> String { CurveStack(charts: charts).svg() }

    func html(_ name: String) -> String {
        ChartPage(
            title: "\(name) – Contraflow balance replay", heading: name, subtitle: notes.joined(separator: "; "),
            figures: replays.map { ("balance, \($0.mode.rawValue)", $0.summary.mean.decimals(4)) },
            picture: .curves(charts), header: header, rows: rows
        ).html()
    }

    private var charts: [CurveChart] {
        func chart(_ title: String, _ value: (ModeReplay.Step) -> Double) -> CurveChart {
            CurveChart(
                title: title, xName: "step",
                curves: replays.map { replay in
                    CurveChart.Curve(
                        name: replay.mode.rawValue,
                        points: zip(steps, replay.steps).map { (x: Double($0), y: value($1)) })
                })
        }
        return [chart("Balance", \.balance), chart("Copies") { Double($0.copies.count) }]
    }
}
