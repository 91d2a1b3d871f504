import ArgumentParser
import ContraflowCharts
import ExpertBalancing

/// Shows the trade-off between balance and traffic between nodes.
struct BalanceFrontierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frontier",
        abstract: "Show the trade-off between balance and traffic between nodes.",
        usage: "contraflow balance frontier [<options>] <loads> --gpus <n>",
        discussion: """
            In a hierarchical placement, all experts of a group are on one node, so that a token is sent to that node \
            once. Each expert that is served on another node adds a transfer between nodes and allows a better \
            balance. 'contraflow balance place --max-remote' makes the placement for one point of this trade-off.

            Examples:
              contraflow balance frontier loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8
              contraflow balance frontier loads.npy --replicas 288 --gpus 32 --nodes 4 --groups 8 \\
                --format svg -o frontier.svg
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, html
    }

    @Argument(help: "A file of loads, or - for standard input; windows are added up.")
    var loads: String

    @OptionGroup var loading: LoadOptions

    @OptionGroup(title: "Devices") var world: WorldOptions

    @Option(
        name: .customLong("format"),
        help:
            "Output format, table or by the extension of the file if omitted; json has all points, table and csv a sample of them."
    )
    var givenFormat: Format?

    private var format: Format { output.format(givenFormat) ?? .table }

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if world.groups == nil || world.nodes < 2 {
            throw ValidationError("a frontier needs --groups, and --nodes of at least 2")
        }
        if world.deviceSlots != nil {
            throw ValidationError("a frontier does not support --device-slots: use --replicas")
        }
    }

    func run() throws {
        let file = try loading.read(loads)
        let table = try file.totals()[0]
        let frontier = try LocalityFrontier(table, world: try world.world(), groupCount: world.groups ?? 1)
        let header = ["remote %", "balance"]
        func rows(_ count: Int) -> [[String]] {
            frontier.samples(count).map { [(100 * $0.remoteShare).decimals(2), $0.balance.decimals(4)] }
        }
        let text: String
        switch format {
        case .table: text = TextTable(header: header, rows: rows(13)).render() + BalanceReport.text(ofNotes: file.notes)
        case .csv:
            let lines = frontier.samples(101).map { "\($0.remoteShare),\($0.balance)\n" }
            text = "remote_share,balance\n" + lines.joined()
        case .json:
            let points = frontier.points.map { ["remote_share": $0.remoteShare, "balance": $0.balance] as JSONObject }
            let notes = file.notes.isEmpty ? nil : file.notes
            text = (["version": 1, "points": points, "notes": notes] as JSONObject).withoutNulls.text
        case .svg: text = chart(frontier).svg()
        case .html:
            let name = fileName(loads)
            text = ChartPage(
                title: "\(name) – Contraflow balance frontier", heading: name,
                subtitle: file.notes.joined(separator: "; "), figures: Self.headline(frontier),
                picture: .curves([chart(frontier)]), header: header, rows: rows(33)
            ).html()
        }
        // The other formats contain the notes.
        if format == .csv || format == .svg { file.notes.forEach(note) }
        try output.write(text)
    }

    private static func headline(_ frontier: LocalityFrontier) -> [(name: String, value: String)] {
        guard let first = frontier.points.first, let last = frontier.points.last else { return [] }
        return [
            ("balance, groups together", first.balance.decimals(4)), ("balance, anywhere", last.balance.decimals(4)),
            ("remote load, anywhere", (100 * last.remoteShare).decimals(1) + " %"),
        ]
    }

    private func chart(_ frontier: LocalityFrontier) -> CurveChart {
        let points = frontier.points.map { (x: 100 * $0.remoteShare, y: $0.balance) }
        var marks = points.prefix(1).map {
            CurveChart.Mark(x: $0.x, y: $0.y, text: "groups together: \($0.y.decimals(4))")
        }
        for share in [5.0, 10, 20] {
            guard let point = points.last(where: { $0.x <= share }), point.x > share * 0.7 else { continue }
            let text = "\(point.x.decimals(1)) %: \(point.y.decimals(4))"
            marks.append(CurveChart.Mark(x: point.x, y: point.y, text: text))
        }
        marks += points.dropFirst().suffix(1).map {
            CurveChart.Mark(x: $0.x, y: $0.y, text: "anywhere: \($0.y.decimals(4)) at \($0.x.decimals(1)) %")
        }
        return CurveChart(
            title: "Balance by share of load that leaves the node of its group", xName: "remote load, %",
            curves: [CurveChart.Curve(name: "balance", points: points)], marks: marks)
    }
}
