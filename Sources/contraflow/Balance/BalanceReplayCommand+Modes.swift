import ExpertBalancing

extension BalanceReplayCommand {
    /// Compares modes on the history of a run, or on a stream whose windows are steps.
    func compare(_ modes: [BalancingMode], on file: NamedLoads) throws {
        let history = file.histories[0] ?? LoadHistory(file.streams[0])
        let devices = try world.world()
        let options = try self.modes.liveOptions(
            copies, interval: cadence, forecast: forecast.flatMap { Forecast($0) }, sharing: sharing)
        let placement = try self.modes.placement(for: try file.totals()[0], in: devices)
        let replays = try modes.map {
            try ModeReplay(history, mode: $0, world: devices, options: options, placement: placement?.placement)
        }
        let areSizesGiven = copies.expertBytes != nil || self.modes.stateBytes != nil
        let report = ModeReport(
            replays: replays, steps: history.steps.map(\.number),
            expertBytes: areSizesGiven ? options.expertBytes : nil,
            notes: file.notes + (placement?.note.map { [$0] } ?? []) + copies.notes(on: file.streams))
        // The other formats contain the notes.
        if format == .csv || format == .svg { report.notes.forEach(note) }
        switch format {
        case .table: try output.write(report.table())
        case .json: try output.write(report.json())
        case .csv: try output.write(report.csv())
        case .svg: try output.write(report.svg())
        case .html: try output.write(report.html(fileName(stream)))
        }
    }
}
