import ProfilerTraces
import Timelines

/// An analysis with the options by which it is shown; each format is an extension.
struct AnalysisReport {
    let run: RunAnalysis
    let traces: [RankTrace]
    /// Rows of each list in the table.
    let top: Int
    /// The pipeline's bubbles; nil if the traces show no pipeline.
    let pipeline: PipelineReport?

    /// - Parameter step: How long the step took by the run's own metrics, in nanoseconds; nil if there are none.
    init(_ run: RunAnalysis, traces: [RankTrace], top: Int, step: Int64? = nil) {
        self.run = run
        self.traces = traces
        self.top = top
        pipeline = run.pipeline.map { PipelineReport(pipeline: $0, step: step) }
    }
}
