import PipelineSchedules
import SchedulePlanning

/// The JSON of a comparison.
struct ScheduleSummariesJSON: Encodable {
    let version = 1
    let schedules: [ScheduleSummaryJSON]

    /// - Parameter withDetails: Whether the times of single ranks and steps are wanted.
    init(_ summaries: [ScheduleSummary], withDetails: Bool) {
        schedules = summaries.map { summary in
            var json = ScheduleSummaryJSON(summary)
            if withDetails { json.addDetails(of: summary.simulation) }
            return json
        }
    }
}

/// The JSON of one schedule. What is not known is null; details that are not wanted are left out.
struct ScheduleSummaryJSON: Encodable {
    let schedule: String
    let stepNs: Int64
    let bubbleShare, peakActivations, parameters: Double
    let stagesPerRank, devices: Int
    let microbatchesPerSecondPerDevice: Double
    @OrNull var peakBytes: Int64?
    @OrNull var boundNs: Int64?
    private var memoryUnit: String?
    private var ranks: [Rank]?
    private var criticalPath: [CriticalStep]?

    /// Where a rank's idle time lies, and what the rank holds over time: pairs of a time and an amount.
    private struct Rank: Encodable {
        let rank: Int
        let bubbleNs: Bubble
        let peakMemory: Int64
        let memory: [[Int64]]
    }

    private struct Bubble: Encodable {
        let start, middle, end: Int64
    }

    /// A step that bounds the makespan.
    private struct CriticalStep: Encodable {
        let rank: Int
        let action: String
        let startNs, durationNs: Int64
    }

    init(_ summary: ScheduleSummary) {
        schedule = summary.name
        stepNs = summary.stepTime
        bubbleShare = summary.bubbleShare
        peakActivations = summary.peakActivations
        parameters = summary.parameters
        stagesPerRank = summary.stagesPerRank
        devices = summary.devices
        microbatchesPerSecondPerDevice = summary.throughput
        _peakBytes = OrNull(wrappedValue: summary.peakMemory)
        _boundNs = OrNull(wrappedValue: summary.bound)
    }

    mutating func addDetails(of simulation: Simulation) {
        memoryUnit = simulation.costs.memory.isEmpty ? "activations of one stage" : "bytes"
        ranks = simulation.schedule.rows.indices.map { rank in
            let bubble = simulation.bubble(ofRank: rank)
            return Rank(
                rank: rank, bubbleNs: Bubble(start: bubble.start, middle: bubble.middle, end: bubble.end),
                peakMemory: simulation.peakMemory(ofRank: rank),
                memory: simulation.memory(ofRank: rank).map { [$0.time, $0.amount] })
        }
        criticalPath = simulation.criticalPath.map { step in
            CriticalStep(
                rank: step.rank, action: simulation.schedule.rows[step.rank][step.position].description,
                startNs: step.start, durationNs: step.duration)
        }
    }
}
