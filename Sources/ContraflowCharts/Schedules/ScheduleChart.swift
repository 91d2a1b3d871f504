public import PipelineSchedules
public import Timelines

/// A schedule as a picture in the manner of DeepSeek's DualPipe figure: a row per rank, time to the right, a box per
/// action with its micro-batch's number, a border around overlapped pairs, idle time in white.
///
/// It draws a simulated timeline and a measured one alike. Micro-batches of the second chain are numbered on from the
/// first chain's. If a rank holds several stages of one chain, its later chunks are lighter, as in figures of
/// interleaved and V-shaped schedules. More than 48 ranks are an overview: low rows, without numbers.
public struct ScheduleChart: Sendable {
    /// The text above the picture.
    public var title: String
    /// The spans to draw: those of actions that compute.
    public var timeline: Timeline
    /// The chains of the schedule, which determine the first number of each stage's micro-batches.
    public var chains: [Chain]

    /// A chart of `timeline`, in which the stages of `chains` ran.
    public init(title: String, timeline: Timeline, chains: [Chain]) {
        self.title = title
        self.timeline = timeline
        self.chains = chains
    }

    /// The picture as a self-contained SVG. O(spans).
    public func svg() -> String { ScheduleComparison(charts: [self]).svg() }
}
