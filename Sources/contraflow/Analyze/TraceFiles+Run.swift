import Foundation
import ProfilerTraces
import TrainingRuns

extension TraceFiles {
    /// The length of the last step of a training run by its own metrics, in nanoseconds; nil if the files are no run's.
    var stepLength: Int64? {
        guard paths.count == 1, let url = paths.first.map({ URL(filePath: $0) }),
            url.lastPathComponent == Self.runTimeline
        else { return nil }
        let metrics = RunFolder(url: url.deletingLastPathComponent()).readMetrics()
        return metrics.last.flatMap { Int64(exactly: ($0.seconds * 1e9).rounded()) }
    }
}
