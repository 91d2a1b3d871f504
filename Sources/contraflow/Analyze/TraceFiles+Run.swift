import Foundation
import ProfilerTraces
import TrainingRuns

extension TraceFiles {
    /// Checks that the timelines of training runs are files of the runs' folders, not links or pipes.
    ///
    /// - Throws: `RunFileError` that names the file.
    func checkRuns() throws {
        for url in paths.map({ URL(filePath: $0) }) where url.lastPathComponent == Self.runTimeline {
            let folder = RunFolder(url: url.deletingLastPathComponent())
            guard let opened = try? OpenFolder(folder.url), opened.has(folder.metrics.lastPathComponent) else {
                continue
            }
            _ = try opened.file(Self.runTimeline)
        }
    }

    /// The duration of a training run's last step according to the run's metrics, in nanoseconds; nil if the files do
    /// not belong to a run.
    var stepLength: Int64? {
        guard paths.count == 1, let url = paths.first.map({ URL(filePath: $0) }),
            url.lastPathComponent == Self.runTimeline
        else { return nil }
        let metrics = RunFolder(url: url.deletingLastPathComponent()).readMetrics()
        return metrics.last.flatMap { Int64(exactly: ($0.seconds * 1e9).rounded()) }
    }
}
