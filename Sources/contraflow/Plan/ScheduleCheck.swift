import ContraflowCharts
import PipelineSchedules
import SchedulePlanning

/// The report on a valid schedule from a file, and the doubts about running it.
struct ScheduleCheck {
    private let path: String
    private let file: ScheduleFile
    private let incompatibilities: [PyTorchIncompatibility]
    /// The circular wait of the schedule if each send waits for its receive.
    private let deadlock: ScheduleError?

    init(_ file: ScheduleFile, path: String) throws {
        self.path = path
        self.file = file
        incompatibilities =
            try PyTorchIncompatibility.ofFile(csv: file.bytes) + file.schedule.pyTorchIncompatibilities()
        deadlock = file.schedule.rendezvousDeadlock()
    }

    /// The reason why PyTorch cannot run the schedule; nil if it can.
    var pyTorchError: String? {
        incompatibilities.first.map { "PyTorch cannot run it: \($0)" }
            ?? deadlock.map { "PyTorch cannot run it over NCCL, where a send waits for its receive: \($0)" }
    }

    /// One line on the schedule, then one line per doubt.
    var text: String {
        let schedule = file.schedule
        var lines = [
            "\(path): valid\(deadlock == nil ? "" : " if sends are buffered"), \(counted(schedule.rankCount, "rank")), "
                + "\(counted(schedule.stageCount, "stage")), "
                + "\(counted(schedule.microbatchCount, "micro-batch", "micro-batches")), peak activations "
                + "\(peakActivations.decimals(1)) micro-batches"
        ]
        if let deadlock {
            lines.append(
                "it deadlocks if a send waits for its receive and both directions share a communicator, as in PyTorch over "
                    + "NCCL without batching: \(deadlock)")
        }
        lines += incompatibilities.map { "valid; PyTorch cannot run it: \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    var json: JSONObject {
        let schedule = file.schedule
        return [
            "version": 1, "file": path, "is_valid": true, "ranks": schedule.rankCount, "stages": schedule.stageCount,
            "chains": schedule.chains.count, "microbatches": schedule.microbatchCount,
            "peak_activations": peakActivations, "error": nil as String?,
            "pytorch_incompatibilities": incompatibilities.map(\.description),
            "rendezvous_deadlock": deadlock?.description,
        ]
    }

    /// The JSON of a file that is not a valid schedule.
    static func json(invalid path: String, _ error: CommandError) -> JSONObject {
        ["version": 1, "file": path, "is_valid": false, "error": error.description]
    }

    /// The peak number of activations of any rank, in the unit of the table of schedules: micro-batches of a rank's
    /// share of the model.
    private var peakActivations: Double {
        Double(file.report.peakActivations.max() ?? 0) * file.schedule.stageShare
    }
}
