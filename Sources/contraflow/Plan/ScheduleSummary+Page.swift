import ContraflowCharts
import PipelineSchedules
import SchedulePlanning

extension ScheduleSummary {
    /// Schedules as a page: their headline figures, and their timelines on one scale.
    static func page(of summaries: [ScheduleSummary]) -> String {
        SchedulePage(
            title: summaries.map(\.simulation.title).joined(separator: "; "), charts: summaries.map(\.simulation.chart),
            notes: summaries.map(\.simulation.causes), figures: summaries.map(\.headline)
        ).html()
    }

    /// The figures that a reader looks for first.
    private var headline: [(name: String, value: String)] {
        var figures = [
            ("step", (Double(stepTime) / 1e6).decimals(1) + " ms"), ("bubble", (100 * bubbleShare).decimals(1) + " %"),
        ]
        if let peakMemory { figures.append(("peak memory per rank", (Double(peakMemory) / 1e9).decimals(1) + " GB")) }
        return figures + [
            ("peak activations per rank", peakActivations.decimals(1) + " micro-batches"),
            ("parameters per rank", parameters.decimals(1) + " ×"),
            ("micro-batches per second and rank", throughput.decimals(1)),
        ]
    }
}

extension Simulation {
    /// The schedule's name, its ranks and its micro-batches.
    fileprivate var title: String {
        let (ranks, microbatches) = (schedule.rankCount, schedule.microbatchCount)
        return "\(schedule.name), \(ranks) \(ranks == 1 ? "rank" : "ranks"), "
            + "\(microbatches) micro-\(microbatches == 1 ? "batch" : "batches")"
    }

    /// The simulated timeline as a picture.
    var chart: ScheduleChart { ScheduleChart(title: title, timeline: timeline, chains: schedule.chains) }
}
