import PipelineSchedules
import SchedulePlanning

extension ScheduleSummary {
    /// Returns a comparison as JSON. With details, it has the times of single ranks and steps.
    static func json(_ summaries: [ScheduleSummary], withDetails: Bool) -> String {
        let schedules = summaries.map { withDetails ? $0.figures.adding($0.details) : $0.figures }
        return (["version": 1, "schedules": schedules] as JSONObject).text
    }

    private var figures: JSONObject {
        [
            "schedule": name, "step_ns": stepTime, "bubble_share": bubbleShare, "peak_activations": peakActivations,
            "parameters": parameters, "stages_per_rank": stagesPerRank, "devices": devices,
            "microbatches_per_second_per_device": throughput, "peak_bytes": peakMemory, "bound_ns": bound,
        ]
    }

    /// The idle times of the ranks, their memory over time as pairs of a time and an amount, and the critical path.
    private var details: JSONObject {
        let rows = simulation.schedule.rows
        let hasBytes = !simulation.costs.memory.isEmpty
        // Without memory figures, the unit is that of peak activations.
        func amount(_ amount: Int64) -> Double {
            hasBytes ? Double(amount) : Double(amount) * simulation.schedule.stageShare
        }
        return [
            "memory_unit": hasBytes ? "bytes" : "micro-batches of a rank's share of the model",
            "ranks": rows.indices.map { rank in
                let bubble = simulation.bubble(ofRank: rank)
                let idle: JSONObject = ["start": bubble.start, "middle": bubble.middle, "end": bubble.end]
                return [
                    "rank": rank, "bubble_ns": idle, "peak_memory": amount(simulation.peakMemory(ofRank: rank)),
                    "memory": simulation.memory(ofRank: rank).map { [Double($0.time), amount($0.amount)] },
                ] as JSONObject
            },
            "critical_path": simulation.criticalPath.map { step in
                [
                    "rank": step.rank, "action": rows[step.rank][step.position].description, "start_ns": step.start,
                    "duration_ns": step.duration,
                ] as JSONObject
            },
        ]
    }
}
