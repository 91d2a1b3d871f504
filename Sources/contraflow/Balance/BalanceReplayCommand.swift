import ArgumentParser
import ContraflowCharts
import ExpertBalancing

/// Follows a stream of loads.
struct BalanceReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a stream of load windows: balance, copies and regret against an oracle.",
        discussion: """
            A stream is JSON windows × layers × experts (or SGLang's logical_count of three dimensions), .npy, or CSV with
            iter and layer columns. The oracle knows each window and places it anew, whatever that copies; foresight knows it,
            too, but keeps to the same cadence and budget: what is lost against it is the forecast's.

            Example:
              contraflow balance replay stream.csv --replicas 40 --gpus 8 --max-copies 48 --forecast mean-4
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, html
    }

    @Argument(help: "The stream: JSON, .npy or CSV; \"-\" for standard input.")
    var stream: String

    @OptionGroup var world: WorldOptions

    @Option(
        help: ArgumentHelp(
            "last, mean-N, exponential-D or trend-N; without it, a back-test on the stream chooses.", valueName: "name")
    )
    var forecast: String?

    @Option(help: "Windows from one plan to the next.")
    var cadence = 1

    enum Sharing: String, ExpressibleByArgument, CaseIterable {
        case equal, best
    }

    @Option(
        help: """
            How replicas share an expert's tokens: equal, or best for the shortest time given the window's own tokens; the \
            oracle's too.
            """)
    var sharing: Sharing = .equal

    @Option(help: "Copies that each plan may make, over all layers.")
    var maxCopies: Int?

    @Option(help: "Standard deviations that are added to a forecast.")
    var caution = 0.0

    @Option(
        help: "Standard deviations of a count that a load must differ by before anything moves; 0 takes all for real.")
    var significance = NoiseRule().significance

    @Option(
        help: ArgumentHelp(
            "Bytes that each plan may copy, such as 20GB; needs --expert-bytes.", valueName: "size"))
    var maxBytes: String?

    @Option(
        help: ArgumentHelp(
            "Bytes of one expert's weights, such as 44MB, to tell the bytes that are copied.", valueName: "size"))
    var expertBytes: String?

    @Option(help: "table; json or csv with a line a window; svg or html for a picture.")
    var format: Format = .table

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if cadence < 1 { throw ValidationError("--cadence is \(cadence): give at least 1") }
        if let maxCopies, maxCopies < 0 { throw ValidationError("--max-copies is \(maxCopies): give at least 0") }
        if !(caution >= 0 && caution <= 100) { throw ValidationError("--caution is \(caution): give 0 to 100") }
        if !(significance >= 0 && significance <= 1e6) {
            throw ValidationError("--significance is \(significance): give 0 to 1000000")
        }
        if maxBytes != nil, expertBytes == nil {
            throw ValidationError("--max-bytes needs --expert-bytes, the size of one expert")
        }
        _ = try copyBudget()
        if world.deviceSlots != nil { throw ValidationError("a replay takes no --device-slots: give --replicas") }
        if world.groups != nil { throw ValidationError("a replay places experts anywhere: leave --groups out") }
        if let forecast, Forecast(forecast) == nil {
            throw ValidationError("there is no forecast '\(forecast)': give last, mean-4, exponential-0.8 or trend-8")
        }
    }

    private func bytesOfExpert() throws -> Int? { try expertBytes.map { try ByteCount.parse($0, "--expert-bytes") } }

    /// Copies that each plan may make: what --max-copies says or --max-bytes pays for.
    private func copyBudget() throws -> Int? {
        let each = try bytesOfExpert() ?? 0
        guard let maxBytes else { return maxCopies }
        let bytes = try ByteCount.parse(maxBytes, "--max-bytes")
        return min(maxCopies ?? .max, each > 0 ? bytes / each : .max)
    }

    func run() throws {
        let loads = try readLoads(stream)
        let replay = try LoadReplay(
            loads, world: try world.world(),
            options: LoadReplay.Options(
                forecast: forecast.flatMap { Forecast($0) }, cadence: cadence, maxCopies: try copyBudget(),
                caution: caution,
                noise: significance > 0 ? NoiseRule(significance: significance) : nil,
                sharing: sharing == .best ? .best : .equal))
        switch format {
        case .table: try output.write(table(replay, try bytesOfExpert()))
        case .json: try output.write(json(replay, try bytesOfExpert()))
        case .svg: try output.write(picture(replay))
        case .html:
            let rows = replay.windows.enumerated().map { index, window in
                [
                    "\(index + 1)", fixed(window.balance, 4), fixed(window.oracle, 4), fixed(window.foresight, 4),
                    "\(window.copies)", "\(window.forecast)",
                ]
            }
            let page = ChartPage(
                title: "Replay of \(stream)", svg: picture(replay),
                header: ["window", "balance", "oracle", "foresight", "copies", "forecast"], rows: rows)
            try output.write(page.html())
        case .csv:
            let lines = replay.windows.enumerated().map { index, window in
                "\(index + 1),\(window.balance),\(window.oracle),\(window.foresight),\(window.copies),"
                    + "\(window.forecast)\n"
            }
            try output.write(
                "window,balance,oracle_balance,foresight_balance,copies,forecast\n" + lines.joined())
        }
    }

    private func picture(_ replay: LoadReplay) -> String {
        func curve(_ name: String, _ value: (LoadReplay.Window) -> Double) -> CurveChart.Curve {
            CurveChart.Curve(
                name: name, points: replay.windows.enumerated().map { (x: Double($0.offset + 1), y: value($0.element)) }
            )
        }
        let balance = CurveChart(
            title: "Balance \(fixed(replay.balance, 4)), oracle \(fixed(replay.oracleBalance, 4)), regret "
                + "\(fixed(100 * replay.regret, 2)) %",
            xName: "window",
            curves: [
                curve("balance", \.balance), curve("the same budget, knowing the window", \.foresight),
                curve("a new plan, knowing the window", \.oracle),
            ])
        let slots = Double(max(replay.slotCount, 1))
        let copies = CurveChart(
            title: "\(replay.copies) copies, \(fixed(100 * replay.copiedShare, 2)) % of slots a window",
            xName: "window",
            curves: [curve("copied, % of slots") { 100 * Double($0.copies) / slots }])
        return CurveStack(charts: [balance, copies]).svg()
    }

    private func table(_ replay: LoadReplay, _ expertBytes: Int?) -> String {
        var table = TextTable(header: [
            "windows", "balance", "oracle", "regret %", "foresight", "regret %", "copies", "copied % a window",
        ])
        table.rows.append([
            String(replay.windows.count), fixed(replay.balance, 4), fixed(replay.oracleBalance, 4),
            fixed(100 * replay.regret, 2), fixed(replay.foresightBalance, 4), fixed(100 * replay.forecastRegret, 2),
            String(replay.copies), fixed(100 * replay.copiedShare, 2),
        ])
        if let expertBytes {
            table.header.append("bytes")
            table.rows[0].append(String(replay.copies * expertBytes))
        }
        return table.render()
    }

    private func json(_ replay: LoadReplay, _ expertBytes: Int?) -> String {
        let windows = replay.windows.map {
            "{\"balance\": \($0.balance), \"oracle_balance\": \($0.oracle), "
                + "\"foresight_balance\": \($0.foresight), \"copies\": \($0.copies), "
                + "\"forecast\": \"\($0.forecast)\"}"
        }
        let bytes = expertBytes.map { ", \"bytes\": \(replay.copies * $0)" } ?? ""
        return """
            {"version": 1, "balance": \(replay.balance), "oracle_balance": \(replay.oracleBalance), \
            "regret": \(replay.regret), "foresight_balance": \(replay.foresightBalance), \
            "forecast_regret": \(replay.forecastRegret), "copies": \(replay.copies), \
            "copied_share": \(replay.copiedShare)\(bytes), \
            "windows": [
              \(windows.joined(separator: ",\n  "))
            ]}

            """
    }
}
