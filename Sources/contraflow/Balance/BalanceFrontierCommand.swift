import ArgumentParser
import ContraflowCharts
import ExpertBalancing

/// Shows what balance costs in traffic between nodes.
struct BalanceFrontierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frontier",
        abstract: "Show how much balance there is for how much load served remote from its group's node.",
        discussion: """
            A token's experts of one group stand on one node where placement is hierarchical, so that it is sent there once.
            Every expert served elsewhere costs another transfer between nodes, and allows more balance. A point is picked by
            'balance … --max-remote'.

            Example:
              contraflow balance frontier loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8 --format svg -o f.svg
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, html
    }

    @Argument(help: "Loads: JSON, .npy or CSV, \"-\" for standard input; windows of a stream are added up.")
    var loads: String

    @OptionGroup var world: WorldOptions

    @Option(help: "table or csv with some points, json with all of them; svg or html for a picture.")
    var format: Format = .table

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if world.groups == nil || world.nodes < 2 {
            throw ValidationError("a frontier needs --groups and at least 2 --nodes")
        }
        if world.deviceSlots != nil { throw ValidationError("a frontier takes no --device-slots: give --replicas") }
    }

    func run() throws {
        let table = try readLoads(loads).total()
        let frontier = try LocalityFrontier(table, world: try world.world(), groupCount: world.groups ?? 1)
        switch format {
        case .table:
            var text = TextTable(header: ["remote %", "balance"])
            text.rows = frontier.samples(13).map { [fixed(100 * $0.remoteShare, 2), fixed($0.balance, 4)] }
            try output.write(text.render())
        case .csv:
            let lines = frontier.samples(101).map { "\($0.remoteShare),\($0.balance)\n" }
            try output.write("remote_share,balance\n" + lines.joined())
        case .json:
            let points = frontier.points.map { "{\"remote_share\": \($0.remoteShare), \"balance\": \($0.balance)}" }
            try output.write("{\"version\": 1, \"points\": \(JSONText.array(points))}\n")
        case .svg: try output.write(chart(frontier).svg())
        case .html:
            let chart = chart(frontier)
            let rows = frontier.samples(33).map { [fixed(100 * $0.remoteShare, 2), fixed($0.balance, 4)] }
            try output.write(
                ChartPage(title: chart.title, svg: chart.svg(), header: ["remote %", "balance"], rows: rows).html())
        }
    }

    private func chart(_ frontier: LocalityFrontier) -> CurveChart {
        let points = frontier.points.map { (x: 100 * $0.remoteShare, y: $0.balance) }
        var marks: [CurveChart.Mark] = []
        if let first = points.first {
            marks.append(CurveChart.Mark(x: first.x, y: first.y, text: "groups together: \(fixed(first.y, 4))"))
        }
        for share in [5.0, 10, 20] {
            guard let point = points.last(where: { $0.x <= share }), point.x > share * 0.7 else { continue }
            marks.append(
                CurveChart.Mark(x: point.x, y: point.y, text: "\(fixed(point.x, 1)) %: \(fixed(point.y, 4))"))
        }
        if let last = points.last, points.count > 1 {
            marks.append(
                CurveChart.Mark(
                    x: last.x, y: last.y, text: "anywhere: \(fixed(last.y, 4)) at \(fixed(last.x, 1)) %"))
        }
        return CurveChart(
            title: "Balance for load served remote from its group's node",
            xName: "load remote from its group's node, %",
            curves: [CurveChart.Curve(name: "balance", points: points)], marks: marks)
    }
}
