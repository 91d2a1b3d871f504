import ContraflowCharts
import PipelineSchedules
import SchedulePlanning

extension ScheduleSummary {
    /// Schedules as a page: their headline figures, and their timelines on one scale.
    static func page(of summaries: [ScheduleSummary]) -> String {
        let sizes = Set(summaries.map(\.simulation.size))
        let names = summaries.map(\.name).joined(separator: ", ")
        // Schedules of one size are told apart by their names.
        let title = sizes.count == 1 ? "\(names), \(sizes.first ?? "")" : titles(of: summaries).joined(separator: "; ")
        let charts = zip(summaries, sizes.count == 1 ? summaries.map(\.name) : titles(of: summaries)).map {
            ScheduleChart(title: $1, timeline: $0.simulation.timeline, chains: $0.simulation.schedule.chains)
        }
        return SchedulePage(
            title: title, charts: charts, notes: summaries.map(\.simulation.causes), figures: summaries.map(\.headline)
        ).html()
    }

    private static func titles(of summaries: [ScheduleSummary]) -> [String] {
        summaries.map { "\($0.name), \($0.simulation.size)" }
    }

    /// The figures that a reader looks for first.
    private var headline: [(name: String, value: String)] {
        var figures = [
            ("step", (Double(stepTime) / 1e6).decimals(1) + " ms"), ("bubble", (100 * bubbleShare).decimals(1) + " %"),
        ]
        if let peakMemory { figures.append(("peak memory", (Double(peakMemory) / 1e9).decimals(1) + " GB per rank")) }
        return figures + [
            ("peak activations", peakActivations.decimals(1) + " micro-batches"),
            ("parameters", parameters.decimals(1) + " ×"), ("micro-batches/s per rank", throughput.decimals(1)),
        ]
    }
}

extension Simulation {
    /// The number of ranks and of micro-batches.
    fileprivate var size: String {
        counted(schedule.rankCount, "rank") + ", " + counted(schedule.microbatchCount, "micro-batch", "micro-batches")
    }

    /// The simulated timeline as a picture.
    var chart: ScheduleChart {
        ScheduleChart(title: "\(schedule.name), \(size)", timeline: timeline, chains: schedule.chains)
    }
}
