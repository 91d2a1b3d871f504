public import ArgumentParser
import ContraflowCharts
public import ExpertBalancing

/// Replays a stream of loads.
struct BalanceReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a stream of loads, and compare the balance with an oracle's.",
        discussion: """
            A stream is JSON (windows × layers × experts, or SGLang's logical_count with three dimensions), .npy, or \
            CSV with the columns iter and layer. The oracle knows each window in advance and makes a new placement for \
            it with any number of copies. Foresight also knows each window, but has the same cadence and copy budget \
            as the replay: the regret against foresight is the cost of the forecast's errors.

            With --modes, the replay compares the modes of a training run instead, on the steps of a history that a run \
            has written or of any stream: off (consecutive experts), static (one placement), and live (placements that \
            follow the loads, with the steps that planning and copies take). p50, p5 and min are over all layers of all \
            steps.

            Examples:
              contraflow balance replay stream.csv --replicas 40 --gpus 8 --max-copies 48
              contraflow balance replay stream.csv --replicas 40 --gpus 8 --forecast mean-4
              contraflow balance replay stream.csv --replicas 40 --gpus 8 --format svg -o replay.svg
              contraflow balance replay history.json --replicas 264 --gpus 8 --modes off,static,live
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, svg, html
    }

    @Argument(help: "A file with a stream of loads, or - for standard input.") var stream: String

    @OptionGroup var loading: LoadOptions

    @OptionGroup(title: "Devices") var world: WorldOptions

    @OptionGroup(title: "Copies") var copies: CopyOptions

    @OptionGroup(title: "Modes of training") var modes: ModeOptions

    @Option(
        help: ArgumentHelp("Windows from one plan to the next; 1 by default, 100 in mode live.", valueName: "n"))
    var cadence: Int?

    @Option(
        help: ArgumentHelp(
            "last, mean-N, exponential-D or trend-N; by default, a backtest chooses.",
            valueName: "name"))
    var forecast: String?

    @Option(help: ArgumentHelp("Standard deviations to add to a forecast; 0 by default.", valueName: "n"))
    var caution: Double?

    @Option(help: "Split of an expert's tokens over its replicas, in the replay and in the oracle.")
    var sharing = LoadReplay.TokenSharing.equal

    @Option(
        name: .customLong("format"),
        help: "Output format, table or by the extension of the file if omitted; json and csv have one entry per window."
    )
    var givenFormat: Format?

    var format: Format { output.format(givenFormat) ?? .table }

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let cadence, !(1...1 << 20).contains(cadence) {
            throw ValidationError("--cadence is \(cadence): give 1 to \(1 << 20)")
        }
        if let caution {
            if !(caution >= 0 && caution <= 100) { throw ValidationError("--caution is \(caution): give 0 to 100") }
            if modes.names != nil { throw ValidationError("--caution has no effect with --modes: leave it out") }
        }
        if world.deviceSlots != nil {
            throw ValidationError("a replay does not support --device-slots: use --replicas")
        }
        if world.groups != nil { throw ValidationError("a replay does not support --groups: omit it") }
        if let forecast, Forecast(forecast) == nil {
            throw ValidationError(
                "there is no forecast '\(forecast)': give last, mean-N, exponential-D or trend-N, such as mean-4 or "
                    + "exponential-0.8")
        }
    }

    func run() throws {
        let file = try loading.read(stream)
        if let modes = try modes.modes() { return try compare(modes, on: file) }
        let windows = file.streams[0].windows
        let idle = windows.count { !$0.hasLoad }
        let notes =
            file.notes + copies.notes(on: file.streams)
            + (idle > 0 ? ["windows without load, left out: \(idle) of \(windows.count)"] : [])
        let replay = try LoadReplay(
            file.streams[0], world: try world.world(),
            options: LoadReplay.Options(
                forecast: forecast.flatMap { Forecast($0) }, cadence: cadence ?? 1, maxCopies: try copies.budget(),
                caution: caution ?? 0, noise: copies.noise, sharing: sharing))
        let expertBytes = try copies.bytesOfExpert()
        // The other formats contain the notes.
        if format == .csv || format == .svg { notes.forEach(note) }
        switch format {
        case .table: try output.write(table(replay, expertBytes) + BalanceReport.text(ofNotes: notes))
        case .json: try output.write(document(replay, expertBytes, notes).text)
        case .svg: try output.write(CurveStack(charts: charts(replay)).svg())
        case .html:
            let rows = replay.windows.enumerated().map { index, window in
                ["\(index + 1)"] + [window.balance, window.oracle, window.foresight].map { $0.decimals(4) }
                    + ["\(window.copies)", "\(window.forecast)"]
            }
            let header = ["window", "balance", "oracle", "foresight", "copies", "forecast"]
            let name = fileName(stream)
            try output.write(
                ChartPage(
                    title: "\(name) – Contraflow balance replay", heading: name,
                    subtitle: notes.joined(separator: "; "), figures: Self.headline(replay),
                    picture: .curves(charts(replay)), header: header, rows: rows
                ).html())
        case .csv:
            let lines = replay.windows.enumerated().map { index, window in
                "\(index + 1),\(window.balance),\(window.oracle),\(window.foresight),\(window.copies),"
                    + "\(window.forecast)\n"
            }
            try output.write("window,balance,oracle_balance,foresight_balance,copies,forecast\n" + lines.joined())
        }
    }

    private func document(_ replay: LoadReplay, _ expertBytes: Int?, _ notes: [String]) -> JSONObject {
        let document: JSONObject = [
            "version": 1, "balance": replay.balance, "oracle_balance": replay.oracleBalance, "regret": replay.regret,
            "foresight_balance": replay.foresightBalance, "forecast_regret": replay.forecastRegret,
            "copies": replay.copies, "copied_share": replay.copiedShare,
            "bytes": expertBytes.map { replay.copies * $0 },
            "windows": replay.windows.map {
                [
                    "balance": $0.balance, "oracle_balance": $0.oracle, "foresight_balance": $0.foresight,
                    "copies": $0.copies, "forecast": "\($0.forecast)",
                ] as JSONObject
            },
            "notes": notes.isEmpty ? nil : notes,
        ]
        return document.withoutNulls
    }

    private static func headline(_ replay: LoadReplay) -> [(name: String, value: String)] {
        [
            ("balance", replay.balance.decimals(4)), ("oracle", replay.oracleBalance.decimals(4)),
            ("regret", (100 * replay.regret).decimals(2) + " %"), ("copies", "\(replay.copies)"),
            ("copied per window", (100 * replay.copiedShare).decimals(2) + " % of slots"),
        ]
    }

    private func charts(_ replay: LoadReplay) -> [CurveChart] {
        func curve(_ name: String, _ value: (LoadReplay.Window) -> Double) -> CurveChart.Curve {
            CurveChart.Curve(
                name: name, points: replay.windows.enumerated().map { (x: Double($0.offset + 1), y: value($0.element)) }
            )
        }
        let balance = CurveChart(
            title: "Balance \(replay.balance.decimals(4)), oracle \(replay.oracleBalance.decimals(4)), regret "
                + "\((100 * replay.regret).decimals(2)) %", xName: "window",
            curves: [
                curve("balance", \.balance), curve("foresight (same budget)", \.foresight),
                curve("oracle (any number of copies)", \.oracle),
            ])
        let slots = Double(max(replay.slotCount, 1))
        let copies = CurveChart(
            title: "\(counted(replay.copies, "copy", "copies")), "
                + "\((100 * replay.copiedShare).decimals(2)) % of slots per window",
            xName: "window", curves: [curve("copied, % of slots") { 100 * Double($0.copies) / slots }])
        return [balance, copies]
    }

    private func table(_ replay: LoadReplay, _ expertBytes: Int?) -> String {
        var table = TextTable(header: [
            "windows", "balance", "oracle", "regret %", "foresight", "forecast regret %", "copies",
            "copied % per window",
        ])
        table.rows.append([
            String(replay.windows.count), replay.balance.decimals(4), replay.oracleBalance.decimals(4),
            (100 * replay.regret).decimals(2), replay.foresightBalance.decimals(4),
            (100 * replay.forecastRegret).decimals(2), String(replay.copies), (100 * replay.copiedShare).decimals(2),
        ])
        if let expertBytes {
            table.header.append("bytes")
            table.rows[0].append(String(replay.copies * expertBytes))
        }
        return table.render()
    }
}

extension LoadReplay.TokenSharing: ExpressibleByArgument {}
