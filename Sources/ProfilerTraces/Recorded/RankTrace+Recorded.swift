public import Timelines

extension RankTrace {
    /// The ranks of a timeline that a run recorded or a simulation made.
    ///
    /// Spans that are named as actions of a pipeline, such as `0F4`, become ``actions``; where a rank records what it
    /// computes within them, only that counts as computation. All times stand on one clock, unless what one stage sends
    /// to another arrives before it is sent. O(n log n).
    public static func ranks(of timeline: Timeline) -> [RankTrace] {
        let ranks = timeline.ranks
        let places = Dictionary(uniqueKeysWithValues: zip(ranks, 0...))
        let placeOfLane = timeline.lanes.map { places[$0.rank] ?? 0 }
        let actions = timeline.labels.map(PipelineAction.init)
        var builders = ranks.map { RecordedRank(rank: $0) }
        for span in timeline.spans {
            let label = timeline.labels[Int(span.label)]
            builders[placeOfLane[Int(span.lane)]].note(span, label, actions[Int(span.label)])
        }
        for span in timeline.spans {
            let label = timeline.labels[Int(span.label)]
            let lane = timeline.lanes[Int(span.lane)]
            builders[placeOfLane[Int(span.lane)]].add(span, lane, label, isAction: actions[Int(span.label)] != nil)
        }
        return builders.map { $0.trace() }
    }
}

/// Gathers one rank's part of a recorded timeline.
private struct RecordedRank {
    private var result = RankTrace()
    private var hasSegments = false
    private var stages: Set<Int> = []
    private var waits: [Range<Int64>] = []
    private var collectives: [String: Int32] = [:]
    private var recordedLabels: [TimelineLabel: Int32] = [:]
    /// When the last segment of a micro-batch's way through a stage was over.
    private var ready: [Direction: Int64] = [:]

    private struct Direction: Hashable {
        var stage: Int
        var microbatch: Int
        var isForward: Bool
    }

    init(rank: Int) {
        result.rank = rank
        result.namesItsRank = true
        result.sharesClock = true
    }

    /// A first look at a span, at what has to be known of all of them before any is kept.
    mutating func note(_ span: TimeSpan, _ label: TimelineLabel, _ action: PipelineAction?) {
        if var action {
            action.start = span.start
            action.duration = span.duration
            result.actions.append(action)
            stages.insert(action.stage)
        } else if label.activity == .compute {
            hasSegments = true
            if let stage = label.stage, let microbatch = label.microbatch {
                let isForward = label.name.hasSuffix(" F")
                guard isForward || label.name.hasSuffix(" B") else { return }
                let direction = Direction(stage: stage, microbatch: microbatch, isForward: isForward)
                ready[direction] = max(ready[direction] ?? span.end, span.end)
            }
        }
    }

    mutating func add(_ span: TimeSpan, _ lane: TimelineLane, _ label: TimelineLabel, isAction: Bool) {
        if isAction && hasSegments { return }
        if lane.name == RecordingLane.stageWaits.rawValue { waits.append(span.interval) }
        let known = result.timeline.labels.count
        let index = result.timeline.index(
            of: isAction ? label : TimelineLabel(name: label.name, activity: label.activity))
        if result.timeline.labels.count > known {
            let role: KernelRole = label.activity == .wait ? .wait : .work
            result.kinds.append(KernelKind(activity: label.activity, role: role, family: family(label)))
        }
        result.timeline.append(
            TimeSpan(
                start: span.start, duration: span.duration, lane: result.timeline.index(of: lane), label: index))
        result.recordedLabelOfSpan.append(recordedLabel(label))
        result.launchOfSpan.append(-1)
        result.collectiveOfSpan.append(label.activity == .communication ? collective(label.name) : -1)
    }

    private mutating func recordedLabel(_ label: TimelineLabel) -> Int32 {
        if let index = recordedLabels[label] { return index }
        let index = Int32(result.recordedLabels.count)
        result.recordedLabels.append(label)
        recordedLabels[label] = index
        return index
    }

    /// What an exchange is for: the segment and its direction, or the sum of gradients.
    private func family(_ label: TimelineLabel) -> String {
        switch label.activity {
        case .communication: label.name == "gradients" ? "gradient reduction" : label.name
        case .transfer: "pipeline transfer"
        case .compute, .memory, .wait: ""
        }
    }

    /// Ranks that hold the same stages exchange with one another, in one order.
    private mutating func collective(_ name: String) -> Int32 {
        if let index = collectives[name] { return index }
        let index = Int32(result.collectives.count)
        var collective = Collective()
        collective.operation = name
        collective.group = "of stages " + stages.sorted().map { String($0) }.joined(separator: ", ")
        result.collectives.append(collective)
        collectives[name] = index
        return index
    }

    consuming func trace() -> RankTrace {
        result.stageWaits = IntervalSet(waits)
        result.actions.sort { ($0.start, $0.stage, $0.microbatch) < ($1.start, $1.stage, $1.microbatch) }
        for place in result.actions.indices {
            let action = result.actions[place]
            guard action.kind != .weightGradient else { continue }
            let direction = Direction(
                stage: action.stage, microbatch: action.microbatch, isForward: action.kind == .forward)
            if let end = ready[direction], action.interval.contains(end) { result.actions[place].ready = end }
        }
        result.eventCount = result.timeline.spans.count + result.actions.count
        return result
    }
}
