import PipelineSchedules
import SchedulePlanning

/// The JSON of a comparison.
struct ScheduleSummariesJSON: Encodable {
    let version = 1
    let schedules: [ScheduleSummaryJSON]

    init(_ summaries: [ScheduleSummary], withDetails: Bool) {
        schedules = summaries.map { ScheduleSummaryJSON(summary: $0, withDetails: withDetails) }
    }
}

/// The JSON of one schedule, if wanted with the times of single ranks and steps.
struct ScheduleSummaryJSON: Encodable {
    let summary: ScheduleSummary
    let withDetails: Bool

    private enum Key: String, CodingKey {
        case schedule, parameters, devices, ranks
        case step = "step_ns"
        case bubbleShare = "bubble_share"
        case peakActivations = "peak_activations"
        case stagesPerRank = "stages_per_rank"
        case throughput = "microbatches_per_second_per_device"
        case peakBytes = "peak_bytes"
        case bound = "bound_ns"
        case memoryUnit = "memory_unit"
        case criticalPath = "critical_path"
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(summary.name, forKey: .schedule)
        try object.encode(summary.stepTime, forKey: .step)
        try object.encode(summary.bubbleShare, forKey: .bubbleShare)
        try object.encode(summary.peakActivations, forKey: .peakActivations)
        try object.encode(summary.parameters, forKey: .parameters)
        try object.encode(summary.stagesPerRank, forKey: .stagesPerRank)
        try object.encode(summary.devices, forKey: .devices)
        try object.encode(summary.throughput, forKey: .throughput)
        // What is not known is null.
        try object.encode(summary.peakMemory, forKey: .peakBytes)
        try object.encode(summary.bound, forKey: .bound)
        guard withDetails else { return }
        let simulation = summary.simulation
        let unit = simulation.costs.memory.isEmpty ? "activations of one stage" : "bytes"
        try object.encode(unit, forKey: .memoryUnit)
        try object.encode(
            simulation.schedule.rows.indices.map { RankScheduleJSON(simulation, rank: $0) }, forKey: .ranks)
        try object.encode(
            simulation.criticalPath.map { CriticalStepJSON($0, of: simulation.schedule) }, forKey: .criticalPath)
    }
}

/// Where a rank's idle time lies, and what the rank holds over time.
private struct RankScheduleJSON: Encodable {
    struct Bubble: Encodable {
        let start, middle, end: Int64
    }

    let rank: Int
    let bubble: Bubble
    let peakMemory: Int64
    /// Pairs of a time and an amount.
    let memory: [[Int64]]

    private enum CodingKeys: String, CodingKey {
        case rank, memory
        case bubble = "bubble_ns"
        case peakMemory = "peak_memory"
    }

    init(_ simulation: Simulation, rank: Int) {
        let bubble = simulation.bubble(ofRank: rank)
        self.rank = rank
        self.bubble = Bubble(start: bubble.start, middle: bubble.middle, end: bubble.end)
        peakMemory = simulation.peakMemory(ofRank: rank)
        memory = simulation.memory(ofRank: rank).map { [$0.time, $0.amount] }
    }
}

/// A step that bounds the makespan.
private struct CriticalStepJSON: Encodable {
    let rank: Int
    let action: String
    let start: Int64
    let duration: Int64

    private enum CodingKeys: String, CodingKey {
        case rank, action
        case start = "start_ns"
        case duration = "duration_ns"
    }

    init(_ step: Simulation.CriticalStep, of schedule: Schedule) {
        rank = step.rank
        action = schedule.rows[step.rank][step.position].description
        start = step.start
        duration = step.duration
    }
}
