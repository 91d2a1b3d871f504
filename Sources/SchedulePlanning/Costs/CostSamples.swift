import PipelineSchedules
import Timelines

/// Samples of the costs of a pipeline's actions from a timeline, in nanoseconds.
struct CostSamples {
    private struct Item {
        let action: Action
        /// The rank within the pipeline.
        let rank: Int
        let interval: Range<Int64>
    }

    private let stageCount: Int
    private var items: [Item] = []
    private var alone: [Item] = []
    private var pairs: [(forward: Item, backward: Item)] = []
    /// The summed length of each action's segments. The segments of a full backward count for its input gradient and
    /// its weight gradient.
    private var computed: [Action: Int64] = [:]

    init(_ timeline: Timeline, chains: [Chain], experts: Int) {
        stageCount = chains.last?.stages.upperBound ?? 0
        struct Place: Hashable {
            let lane: Int32
            let interval: Range<Int64>
        }
        var places: [Place: [Item]] = [:]
        for span in timeline.spans {
            let rank = timeline.lanes[Int(span.lane)].rank
            guard rank.isMultiple(of: experts) else { continue }
            switch timeline.event(of: span) {
            case .action(let action) where action.kind.isCompute && action.stage < stageCount:
                let item = Item(action: action, rank: rank / experts, interval: span.interval)
                items.append(item)
                places[Place(lane: span.lane, interval: span.interval), default: []].append(item)
            case .segment(let segment):
                if let action = Action(computing: segment), action.stage < stageCount {
                    computed[action, default: 0] += span.duration
                }
            default: continue
            }
        }
        for group in places.values {
            if group.count == 1 {
                alone.append(group[0])
            } else if group.count == 2, let forward = group.first(where: { $0.action.kind == .forward }),
                let backward = group.first(where: { $0.action.kind == .backward || $0.action.kind == .inputGradient })
            {
                pairs.append((forward, backward))
            }
            // Any other group is an action overlapped with a lone W, and shows the length of neither.
        }
    }

    /// Returns the cost of a kind of action at each stage; nil if the timeline has no sample of the kind.
    func costs(of kind: ActionKind) -> [Int64]? {
        let own =
            computed.isEmpty
            ? medians(alone.lazy.filter { $0.action.kind == kind }.map { ($0.action.stage, Int64($0.interval.count)) })
            : computedCosts(of: kind)
        guard let typical = median(own.compactMap { $0 }) else { return nil }
        return own.map { $0 ?? typical }
    }

    /// Returns the compute time of an action's segments plus the exposed exchange time of actions that run alone. B and
    /// I have the same exchanges and are sampled together. W has no exchanges.
    private func computedCosts(of kind: ActionKind) -> [Int64?] {
        let parts = medians(computed.lazy.filter { $0.key.kind == kind }.map { ($0.key.stage, $0.value) })
        guard kind != .weightGradient else { return parts }
        let beyond = alone.lazy.filter { ($0.action.kind == .forward) == (kind == .forward) }
            .filter { $0.action.kind != .weightGradient }
            .map { item in
                let action = item.action
                let ownParts =
                    action.kind == .backward
                    ? [action.with(.inputGradient), action.with(.weightGradient)] : [action]
                return Int64(item.interval.count) - ownParts.reduce(0) { $0 + (computed[$1] ?? 0) }
            }
        let wait = max(median(Array(beyond)) ?? 0, 0)
        return parts.map { $0.map { $0 + wait } }
    }

    /// Returns the median fraction of their actions' costs that overlapped pairs save.
    func saving(_ stages: [StageCosts]) -> Double {
        let savings = pairs.compactMap { pair -> Double? in
            let backward = stages[pair.backward.action.stage]
            let second = pair.backward.action.kind == .backward ? backward.backward : backward.inputGradient
            let sum = stages[pair.forward.action.stage].forward + second
            return sum == 0 ? nil : 1 - Double(pair.forward.interval.count) / Double(sum)
        }.sorted()
        return savings.isEmpty ? 0 : min(max(savings[savings.count / 2], 0), 1)
    }

    /// Returns the shortest time from the end of an action to the start of the action that needs its result, over all
    /// starts that an idle rank waited for.
    func transfer(_ chains: [Chain]) -> Int64 {
        let layout = StageLayout(chains)
        var ends: [Action: Int64] = [:]
        for item in items {
            ends[item.action.kind == .inputGradient ? item.action.with(.backward) : item.action] =
                item.interval.upperBound
        }
        var gaps: [Int64] = []
        for items in Dictionary(grouping: items, by: \.rank).values {
            var free = Int64.min
            let sorted = items.sorted {
                ($0.interval.lowerBound, $0.action.stage) < ($1.interval.lowerBound, $1.action.stage)
            }
            for item in sorted {
                defer { free = max(free, item.interval.upperBound) }
                let isForward = item.action.kind == .forward
                guard item.action.kind != .weightGradient, item.interval.lowerBound > free else { continue }
                let source = isForward ? layout.previous[item.action.stage] : layout.next[item.action.stage]
                guard source >= 0, layout.ranks[source] != item.rank else { continue }
                let needed = Action(isForward ? .forward : .backward, stage: source, microbatch: item.action.microbatch)
                if let end = ends[needed], end <= item.interval.lowerBound {
                    gaps.append(item.interval.lowerBound - end)
                }
            }
        }
        return gaps.min() ?? 0
    }

    private func medians(_ samples: some Sequence<(stage: Int, value: Int64)>) -> [Int64?] {
        var values = [[Int64]](repeating: [], count: stageCount)
        for (stage, value) in samples { values[stage].append(value) }
        return values.map(median)
    }
}

extension Action {
    /// The action that a segment is part of. A segment of a backward pass is part of the input gradient.
    fileprivate init?(computing segment: SegmentEvent) {
        guard let stage = segment.stage, (0...Action.maximumStage).contains(stage), let microbatch = segment.microbatch,
            (0...Action.maximumMicrobatch).contains(microbatch)
        else { return nil }
        let kind: ActionKind =
            switch segment.pass {
            case .forward: .forward
            case .backward: .inputGradient
            case .weight: .weightGradient
            }
        self.init(kind, stage: stage, microbatch: microbatch)
    }
}

private func median(_ values: [Int64]) -> Int64? { values.isEmpty ? nil : values.sorted()[values.count / 2] }
