import Foundation
import ProfilerTraces
import Timelines

/// Prints how much communication each trace hides, and what is worth mending first.
///
///     analyze-traces trace0.json trace1.json.gz …
let traces: [RankTrace]
do {
    traces = try TraceFiles(Array(CommandLine.arguments.dropFirst())).read()
} catch {
    print("analyze-traces: \(error)")
    exit(1)
}
let run = RunAnalysis(traces)
func milliseconds(_ time: Int64) -> String { "\(Double(time / 1000) / 1000) ms" }

for rank in run.ranks {
    let times = rank.breakdown
    let hidden = times.hiddenShare.map { "\(Int((100 * $0).rounded())) % hidden" } ?? "none"
    print("rank \(rank.rank): communication \(milliseconds(times.communication)), \(hidden)")
    print("  exposed \(milliseconds(times.exposed)), idle \(milliseconds(times.idle))")
    if let kernel = rank.kernels.first { print("  longest kernel: \(shortKernelName(kernel.name))") }
}
for finding in run.findings.prefix(3) { print("\(finding.title): \(milliseconds(finding.time))") }
