public import Timelines

/// The parts of one rank's trace that analysis needs.
///
/// Memory is 32 bytes per event of the device and 24 per launch, besides the names, whatever the file's size.
public struct RankTrace: Sendable {
    /// The file that the trace was read from.
    public var file = TraceFile()
    /// The rank: as the trace says, else as the file's name or its position in the list does.
    public var rank = 0
    /// Ranks of the whole run, where the trace says so.
    public var worldSize: Int?
    /// The device's name, where the trace says so.
    public var device: String?
    /// What to add to every time to get nanoseconds since 1970; 0 where the trace does not say.
    public var baseTime: Int64 = 0

    /// The device's work: a lane per stream, an event per kernel.
    public var timeline = Timeline()
    /// The kind of each of the timeline's events.
    public var kinds: [KernelKind] = []
    /// For each of the timeline's spans, its index into ``launches``; -1 where the trace has none.
    public var launchOfSpan: [Int32] = []
    /// For each of the timeline's spans, its index into ``collectives``; -1 where the trace says nothing.
    public var collectiveOfSpan: [Int32] = []
    /// The host's calls that started the work.
    public var launches: [KernelLaunch] = []
    /// What the trace says of its collectives; equal ones stand once.
    public var collectives: [Collective] = []
    /// The program's own ranges, by start.
    public var annotations: [TraceAnnotation] = []

    /// The actions of a pipeline that the rank ran, by start; empty where the trace names none.
    public var actions: [PipelineAction] = []
    /// When the rank waited for what another stage sends, where it says so.
    public var stageWaits = IntervalSet()
    /// Whether all ranks' times stand on one clock, as those of a timeline do.
    public var sharesClock = false

    /// An empty trace.
    public init() {}

    /// The profiler's steps, by start.
    public var steps: [TraceAnnotation] { annotations.filter { $0.step != nil } }

    /// Gives the trace another rank.
    public mutating func assign(rank: Int) {
        self.rank = rank
        timeline.renameLanes { TimelineLane(rank: rank, name: $0.name) }
    }

    /// What a span is.
    public func kind(of span: TimeSpan) -> KernelKind { kinds[Int(span.event)] }
}

extension Sequence<RankTrace> {
    /// The traces by rank, those of one rank by path.
    package var byRank: [RankTrace] { sorted { ($0.rank, $0.file.path) < ($1.rank, $1.file.path) } }
}
