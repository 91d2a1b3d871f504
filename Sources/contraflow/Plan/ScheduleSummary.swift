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
    /// Parameters a device, in the same shares.
    let parameters: Double
    let devices: Int
    /// Micro-batches a second and device.
    let throughput: Double
    /// The most bytes that a rank holds at once; nil where the costs do not know bytes.
    let peakMemory: Int64?
    /// What no schedule of this placement beats; nil where no bound was asked for.
    let bound: Int64?
    /// The times of single ranks and steps as members of a JSON object; nil where they were not asked for.
    private let details: String?

    init(
        _ schedule: Schedule, costs: PipelineCosts, stragglers: Stragglers?, bound: Int64? = nil,
        withDetails: Bool = false
    ) throws {
        let report = try schedule.validate()
        let simulation = try Simulation(schedule, costs: costs.fitted(to: schedule), stragglers: stragglers)
        name = schedule.name
        makespan = simulation.stepTime
        bubbleShare = simulation.bubbleShare
        peakActivations = Double(report.peakActivations.max() ?? 0) * schedule.stageShare
        stagesPerRank = schedule.rows.indices.map { schedule.stages(ofRank: $0).count }.max() ?? 0
        parameters = Double(stagesPerRank) * schedule.stageShare
        devices = schedule.rankCount
        let seconds = Double(makespan) * 1e-9 * Double(schedule.rankCount)
        throughput = seconds == 0 ? 0 : Double(schedule.microbatchCount) / seconds
        peakMemory =
            costs.memory.isEmpty ? nil : schedule.rows.indices.map { simulation.peakMemory(ofRank: $0) }.max()
        self.bound = bound
        details = withDetails ? simulation.detailsJSON() : nil
    }

    static func table(_ summaries: [ScheduleSummary]) -> String {
        let hasBounds = summaries.contains { $0.bound != nil }
        let hasMemory = summaries.contains { $0.peakMemory != nil }
        return TextTable(
            header: [
                "schedule", "step ms", "bubble %", "peak activations", "parameters", "stages a rank", "devices",
                "µb/s/device",
            ] + (hasMemory ? ["peak GB"] : []) + (hasBounds ? ["bound ms", "gap %"] : []),
            rows: summaries.map { $0.cells(withMemory: hasMemory, withBound: hasBounds) }
        ).render()
    }

    static func csv(_ summaries: [ScheduleSummary]) -> String {
        let header =
            "schedule,step_ms,bubble_percent,peak_activations,parameters,stages_per_rank,devices,"
            + "microbatches_per_second_per_device,peak_gb,bound_ms,gap_percent"
        let rows = summaries.map { summary in
            summary.cells(withMemory: true, withBound: true).map(csvCell).joined(separator: ",")
        }
        return ([header] + rows).joined(separator: "\n") + "\n"
    }

    static func json(_ summaries: [ScheduleSummary]) -> String {
        let objects = summaries.map {
            """
            {"schedule": \(JSONText.string($0.name)), "step_ns": \($0.makespan), "bubble_share": \($0.bubbleShare), \
            "peak_activations": \($0.peakActivations), "parameters": \($0.parameters), \
            "stages_per_rank": \($0.stagesPerRank), "devices": \($0.devices), \
            "microbatches_per_second_per_device": \($0.throughput), \
            "peak_bytes": \(JSONText.number($0.peakMemory)), "bound_ns": \(JSONText.number($0.bound))\
            \($0.details.map { ", " + $0 } ?? "")}
            """
        }
        return "{\"version\": 1, \"schedules\": [\n  \(objects.joined(separator: ",\n  "))\n]}\n"
    }

    private func cells(withMemory: Bool, withBound: Bool) -> [String] {
        var cells = [
            name, fixed(Double(makespan) / 1e6), fixed(100 * bubbleShare), fixed(peakActivations), fixed(parameters),
            String(stagesPerRank), String(devices), fixed(throughput),
        ]
        if withMemory { cells.append(peakMemory.map { fixed(Double($0) / 1e9) } ?? "") }
        if withBound {
            cells.append(bound.map { fixed(Double($0) / 1e6) } ?? "")
            cells.append(bound.map { fixed(100 * (Double(makespan) / Double(max($0, 1)) - 1)) } ?? "")
        }
        return cells
    }

    private func fixed(_ value: Double) -> String {
        guard value.magnitude < 1e15 else { return "\(value)" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Schedule {
    /// The part of a rank's share of the model that one stage holds: 1 for one stage a rank and chain.
    var stageShare: Double { Double(rankCount) / Double(chains[0].stages.count) }
}

extension PipelineCosts {
    /// These costs of a rank's share of the model, for the stages of `schedule`.
    func fitted(to schedule: Schedule) -> PipelineCosts {
        spread(
            over: schedule.chains[0].stages.count, ranks: schedule.rankCount, chainCount: schedule.chains.count)
    }
}
