import PipelineSchedules
import SchedulePlanning

/// What one line of a comparison says of a schedule.
struct ScheduleSummary {
    let name: String
    let makespan: Int64
    let bubbleShare: Double
    /// In shares of the model that a rank would hold with one stage, so that schedules of more stages compare.
    let peakActivations: Double
    let stagesPerRank: Int

    init(_ schedule: Schedule) throws {
        let report = try schedule.validate()
        let simulation = try Simulation(schedule, costs: schedule.unitCosts)
        name = schedule.name
        makespan = simulation.makespan
        bubbleShare = simulation.bubbleShare
        peakActivations = Double(report.peakActivations.max() ?? 0) * schedule.stageShare
        stagesPerRank = schedule.rows.indices.map { schedule.stages(ofRank: $0).count }.max() ?? 0
    }

    static func table(_ summaries: [ScheduleSummary]) -> String {
        TextTable(
            header: ["schedule", "step ms", "bubble %", "peak activations", "stages a rank"],
            rows: summaries.map { $0.cells }
        ).render()
    }

    static func csv(_ summaries: [ScheduleSummary]) -> String {
        let header = "schedule,step_ms,bubble_percent,peak_activations,stages_per_rank"
        return ([header] + summaries.map { $0.cells.joined(separator: ",") }).joined(separator: "\n") + "\n"
    }

    static func json(_ summaries: [ScheduleSummary]) -> String {
        let objects = summaries.map {
            """
            {"schedule": "\($0.name)", "step_ns": \($0.makespan), "bubble_share": \($0.bubbleShare), \
            "peak_activations": \($0.peakActivations), "stages_per_rank": \($0.stagesPerRank)}
            """
        }
        return "{\"version\": 1, \"schedules\": [\n  \(objects.joined(separator: ",\n  "))\n]}\n"
    }

    private var cells: [String] {
        [
            name, fixed(Double(makespan) / 1e6), fixed(100 * bubbleShare), fixed(peakActivations),
            String(stagesPerRank),
        ]
    }

    private func fixed(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Schedule {
    /// The part of a rank's share of the model that one stage holds: 1 for one stage a rank and chain.
    fileprivate var stageShare: Double { Double(rankCount) / Double(chains[0].stages.count) }

    /// F, I and W of 1 ms for a rank's share of the model; a stage that is a part of it costs as much less.
    var unitCosts: PipelineCosts { .unit(Int64((1e6 * stageShare).rounded())) }
}
