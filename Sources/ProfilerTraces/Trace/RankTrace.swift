public import Timelines

/// The parts of one rank's trace that analysis needs.
///
/// It takes 32 bytes per device event and 24 bytes per launch, plus the names, for a file of any size.
public struct RankTrace: Sendable {
    /// The file that the trace was read from.
    public var file = TraceFile()
    /// The rank: the one that the trace states, else the one in the file's name, else 0. If two traces of a run have
    /// the same rank, ``TraceFiles/read(rules:limits:)`` numbers all traces in their order.
    public var rank = 0
    /// The device and process that the trace is of; nil if its file holds no other.
    public var part: DevicePart?
    /// The number of ranks in the run; nil if the trace does not say.
    public var worldSize: Int?
    /// The device's name; nil if the trace does not say.
    public var device: String?
    /// The origin of the trace's clock, in nanoseconds since 1970; 0 if the trace does not say.
    public var baseTime: Int64 = 0

    /// The device's work: a lane per stream, an event per kernel.
    public var timeline = Timeline()
    /// The kind of each of the timeline's events.
    public var kinds: [KernelKind] = []
    /// For each of the timeline's spans, its index into ``launches``; -1 if the trace has no launch of it.
    public var launchOfSpan: [Int32] = []
    /// For each of the timeline's spans, its index into ``collectives``; -1 if the trace does not name its collective.
    public var collectiveOfSpan: [Int32] = []
    /// The host's calls that launched the work.
    public var launches: [KernelLaunch] = []
    /// The distinct collectives that the trace names.
    public var collectives: [Collective] = []
    /// The ranges that the program marked, by start.
    public var annotations: [TraceAnnotation] = []

    /// The calls of the host that send to or receive from another rank, for kernels that do not name their message.
    package var messageCalls: [MessageCall] = []

    /// The pipeline actions that the rank ran, by start; empty if the trace names none.
    public var actions: [PipelineAction] = []
    /// The times at which the rank recorded that it waited for another stage.
    public var stageWaits = IntervalSet()
    /// The doubts about the figures that the trace gives.
    public var notes: [TraceNote] = []
    /// Whether all ranks' times are on one clock, as those of a recorded timeline are.
    public var sharesClock = false

    /// An empty trace.
    public init() {}

    /// The profiler's steps, by start.
    public var steps: [TraceAnnotation] { annotations.filter { $0.step != nil } }

    /// Whether the file or its name states the rank.
    var statesRank: Bool { part == nil && (file.statesRank || Self.rank(inName: file.path) != nil) }

    /// Changes the rank of the trace and of its timeline's lanes.
    public mutating func assign(rank: Int) {
        self.rank = rank
        timeline.renameLanes { TimelineLane(rank: rank, name: $0.name) }
    }

    /// Returns the kind of a span of the timeline.
    public func kind(of span: TimeSpan) -> KernelKind { kinds[Int(span.event)] }
}

extension Sequence<RankTrace> {
    /// The traces ordered by rank, and by path within one rank.
    package var byRank: [RankTrace] { sorted { ($0.rank, $0.file.path) < ($1.rank, $1.file.path) } }
}
