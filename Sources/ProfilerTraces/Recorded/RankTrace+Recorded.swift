import OrderedCollections
import PipelineActions
public import Timelines

extension RankTrace {
    /// Returns the ranks of a timeline that a run recorded or a simulation made.
    ///
    /// Actions become ``actions``. If a rank also records the segments of its actions, only segments count as
    /// computation. All ranks are assumed to share one clock (``sharesClock``). ``RunAnalysis`` estimates clock offsets
    /// only if a result arrives before it is sent. O(n log n).
    public static func ranks(of timeline: Timeline) -> [RankTrace] {
        let ranks = timeline.ranks
        let indices = Dictionary(uniqueKeysWithValues: zip(ranks, 0...))
        let rankOfLane = timeline.lanes.map { indices[$0.rank] ?? 0 }
        var builders = ranks.map { RecordedRank(rank: $0) }
        for span in timeline.spans { builders[rankOfLane[Int(span.lane)]].note(span, timeline.event(of: span)) }
        for span in timeline.spans {
            builders[rankOfLane[Int(span.lane)]].add(span, timeline.lanes[Int(span.lane)], timeline.event(of: span))
        }
        return builders.map { $0.trace() }
    }
}

/// Collects one rank's part of a recorded timeline.
private struct RecordedRank {
    private var result = RankTrace()
    private var hasSegments = false
    private var stages: Set<Int> = []
    private var waits: [Range<Int64>] = []
    private var collectives: OrderedSet<String> = []
    /// The end of the last segment of each pass of a micro-batch through a stage.
    private var ready: [PassOfStage: Int64] = [:]

    private struct PassOfStage: Hashable {
        var stage: Int
        var microbatch: Int
        var isForward: Bool
    }

    init(rank: Int) {
        result.rank = rank
        result.file.statesRank = true
        result.sharesClock = true
    }

    /// Collects the actions, stages and waits, which must be known before any span is added.
    mutating func note(_ span: TimeSpan, _ event: TimelineEvent) {
        switch event {
        case .action(let action) where action.kind.isCompute:
            result.actions.append(PipelineAction(action, span.interval))
            stages.insert(action.stage)
        case .segment(let segment):
            hasSegments = true
            guard segment.pass != .weight, let stage = segment.stage, let microbatch = segment.microbatch else {
                return
            }
            let pass = PassOfStage(stage: stage, microbatch: microbatch, isForward: segment.pass == .forward)
            ready[pass] = max(ready[pass] ?? span.end, span.end)
        case .wait(.stage): waits.append(span.interval)
        default: return
        }
    }

    mutating func add(_ span: TimeSpan, _ lane: TimelineLane, _ event: TimelineEvent) {
        if hasSegments, event.action?.kind.isCompute ?? false { return }
        let known = result.timeline.events.count
        let index = result.timeline.index(of: event)
        if result.timeline.events.count > known {
            let role: KernelRole = event.activity == .wait ? .wait : .work
            result.kinds.append(KernelKind(activity: event.activity, role: role, family: event.family))
        }
        result.timeline.append(
            TimeSpan(start: span.start, duration: span.duration, lane: result.timeline.index(of: lane), event: index))
        result.launchOfSpan.append(-1)
        result.collectiveOfSpan.append(event.activity == .communication ? collective(event.name) : -1)
    }

    /// The index of a collective. Ranks that hold the same stages form its group and issue collectives in one order.
    private mutating func collective(_ name: String) -> Int32 {
        let (isNew, index) = collectives.append(name)
        if isNew {
            var collective = Collective()
            collective.operation = name
            collective.group = "of stages " + stages.sorted().map { String($0) }.joined(separator: ", ")
            result.collectives.append(collective)
        }
        return Int32(index)
    }

    consuming func trace() -> RankTrace {
        result.stageWaits = IntervalSet(waits)
        result.actions.sort { ($0.start, $0.stage, $0.microbatch) < ($1.start, $1.stage, $1.microbatch) }
        for index in result.actions.indices {
            let action = result.actions[index]
            guard action.kind != .weightGradient else { continue }
            let pass = PassOfStage(
                stage: action.stage, microbatch: action.microbatch, isForward: action.kind == .forward)
            if let end = ready[pass], action.interval.contains(end) { result.actions[index].ready = end }
        }
        result.file.eventCount = result.timeline.spans.count + result.actions.count
        return result
    }
}

extension TimelineEvent {
    /// The kernel family that communication is reported under; empty for all other events.
    fileprivate var family: String {
        switch self {
        case .gradientReduction: "gradient reduction"
        case .action(let action) where action.kind.isTransfer: "pipeline transfer"
        case .kernel(_, .transfer): "pipeline transfer"
        case .exchange, .kernel(_, .communication): name
        default: ""
        }
    }
}
