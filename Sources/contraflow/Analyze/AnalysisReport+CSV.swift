import ProfilerTraces
import Timelines

extension AnalysisReport {
    private static let columns = [
        "rank", "span_ns", "busy_ns", "idle_ns", "compute_ns", "communication_ns", "memory_ns", "overlap_ns",
        "exposed_ns", "waiting_kernels_ns", "hidden_share", "idle_host_ns", "idle_dependency_ns", "idle_launch_ns",
    ]

    private func cells(_ rank: RankAnalysis) -> [String] {
        let times = rank.breakdown
        let cells = [
            times.span, times.busy, times.idle, times.compute, times.communication, times.memory, times.overlap,
            times.exposed, times.waiting,
        ].map { String($0) }
        let idle = [rank.idle.host, rank.idle.dependency, rank.idle.launch].map { String($0) }
        return [String(rank.rank)] + cells + [times.hiddenShare.map { "\($0)" } ?? ""] + idle
    }

    /// One row per rank, times in nanoseconds; a timeline's causes of communication and a pipeline's phases if the
    /// traces have them.
    var csv: String {
        let causes = traces.contains(where: \.sharesClock) ? run.families.map(\.name).sorted() : []
        let rows = run.ranks.map { rank in
            let parts = causes.flatMap { cause in
                let part = rank.families.first { $0.name == cause }
                return [String(part?.time ?? 0), String(part?.exposed ?? 0)]
            }
            return (cells(rank) + (pipeline?.cells(ofRank: rank.rank) ?? []) + parts).joined(separator: ",")
        }
        let header =
            Self.columns + (pipeline == nil ? [] : PipelineReport.columns)
            + causes.flatMap { [csvCell("\($0)_ns"), csvCell("\($0)_exposed_ns")] }
        return ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    }
}
