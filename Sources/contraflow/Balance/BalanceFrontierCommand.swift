import ArgumentParser
import ContraflowCharts
import ExpertBalancing

/// Shows what balance costs in traffic between nodes.
struct BalanceFrontierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frontier",
        abstract: "Show the best balance for each part of the load served on another node than its group's.",
        discussion: """
            If placement is hierarchical, a token's experts of one group live on one node, so that it is sent there once.
            Every expert served on another node costs another transfer between nodes, and allows more balance. A point is
            picked by 'balance … --max-remote'.

            Example:
              contraflow balance frontier loads.json --replicas 288 --gpus 32 --nodes 4 --groups 8 --format svg -o f.svg
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, html
    }

    private struct Document: Encodable {
        let version = 1
        let points: [Point]
    }

    private struct Point: Encodable {
        let remoteShare: Double
        let balance: Double
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
            text.rows = frontier.samples(13).map { [(100 * $0.remoteShare).decimals(2), $0.balance.decimals(4)] }
            try output.write(text.render())
        case .csv:
            let lines = frontier.samples(101).map { "\($0.remoteShare),\($0.balance)\n" }
            try output.write("remote_share,balance\n" + lines.joined())
        case .json:
            try output.write(
                try JSONOutput.text(
                    Document(points: frontier.points.map { Point(remoteShare: $0.remoteShare, balance: $0.balance) })))
        case .svg: try output.write(chart(frontier).svg())
        case .html:
            let chart = chart(frontier)
            let rows = frontier.samples(33).map { [(100 * $0.remoteShare).decimals(2), $0.balance.decimals(4)] }
            try output.write(
                ChartPage(title: chart.title, svg: chart.svg(), header: ["remote %", "balance"], rows: rows).html())
        }
    }

    private func chart(_ frontier: LocalityFrontier) -> CurveChart {
        let points = frontier.points.map { (x: 100 * $0.remoteShare, y: $0.balance) }
        var marks: [CurveChart.Mark] = []
        if let first = points.first {
            marks.append(CurveChart.Mark(x: first.x, y: first.y, text: "groups together: \(first.y.decimals(4))"))
        }
        for share in [5.0, 10, 20] {
            guard let point = points.last(where: { $0.x <= share }), point.x > share * 0.7 else { continue }
            marks.append(
                CurveChart.Mark(x: point.x, y: point.y, text: "\(point.x.decimals(1)) %: \(point.y.decimals(4))"))
        }
        if let last = points.last, points.count > 1 {
            marks.append(
                CurveChart.Mark(
                    x: last.x, y: last.y, text: "anywhere: \(last.y.decimals(4)) at \(last.x.decimals(1)) %"))
        }
        return CurveChart(
            title: "Balance for load served on another node than its group's", xName: "remote load, %",
            curves: [CurveChart.Curve(name: "balance", points: points)], marks: marks)
    }
}
