import PipelineSchedules
import SchedulePlanning

extension Simulation {
    /// Members of a JSON object: where each rank's idle time lies and what it holds over time, and the steps that bound the
    /// makespan.
    func detailsJSON() -> String {
        let ranks = schedule.rows.indices.map { rank in
            let bubble = bubble(ofRank: rank)
            let memory = memory(ofRank: rank).map { "[\($0.time), \($0.amount)]" }
            return """
                {"rank": \(rank), "bubble_ns": {"start": \(bubble.start), "middle": \(bubble.middle), \
                "end": \(bubble.end)}, "peak_memory": \(peakMemory(ofRank: rank)), \
                "memory": [\(memory.joined(separator: ", "))]}
                """
        }
        let path = criticalPath.map { step in
            let action = JSONText.string(schedule.rows[step.rank][step.position].description)
            return """
                {"rank": \(step.rank), "action": \(action), "start_ns": \(step.start), \
                "duration_ns": \(step.duration)}
                """
        }
        let unit = costs.memory.isEmpty ? "activations of one stage" : "bytes"
        return """
            "memory_unit": "\(unit)", "ranks": \(JSONText.array(ranks, indent: "    ")), \
            "critical_path": \(JSONText.array(path, indent: "    "))
            """
    }
}
