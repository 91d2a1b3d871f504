public import PipelineSchedules
public import Timelines

/// A schedule as a picture in the style of DeepSeek's DualPipe figure: one row per rank, time to the right, one box per
/// action with the number of its micro-batch, a border around overlapped pairs, and idle time in the colour of the
/// ground.
///
/// Simulated and measured timelines look the same. The micro-batches of the second chain are numbered after those of
/// the first chain. If a rank holds several stages of one chain, its later chunks are lighter, as in figures of
/// interleaved and V-shaped schedules, with the full colour at their lower edge. A picture of more than 48 ranks is an
/// overview: low rows without numbers, between two time axes.
public struct ScheduleChart: Sendable {
    /// The text above the picture.
    public var title: String
    /// The timeline. Only its actions that compute are drawn.
    public var timeline: Timeline
    /// The chains of the schedule. They determine the first number of each stage's micro-batches.
    public var chains: [Chain]

    /// A chart of `timeline`, on which the stages of `chains` ran.
    public init(title: String, timeline: Timeline, chains: [Chain]) {
        self.title = title
        self.timeline = timeline
        self.chains = chains
    }

    /// The picture as a self-contained SVG. O(spans).
    public func svg() -> String { ScheduleComparison(charts: [self]).svg() }
}
