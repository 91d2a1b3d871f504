public import PipelineSchedules
public import Timelines

extension PipelineCosts {
    /// Costs that explain a timeline: a simulated one, or one that a training run recorded.
    ///
    /// The label of a span of compute has a stage, a micro-batch and a kind that is an `ActionKind`'s `rawValue`. Each
    /// cost is the median of its spans, which a few slow ones do not move. A forward and a backward of one extent are an
    /// overlapped pair; the median part that pairs save becomes `overlapSaving`. The transfer is the median time from
    /// the end of what an idle rank waited for to its start. A stage without split backwards gets half of B each for I
    /// and W; one without lone forwards or backwards takes the others' median.
    ///
    /// - Throws: ``CostFitError`` where the timeline has no forward or no backward that runs alone.
    /// - Complexity: O(n log n) in its spans.
    public init(fitting timeline: Timeline, chains: [Chain]) throws(CostFitError) {
        let samples = CostSamples(timeline, stageCount: chains.last?.stages.upperBound ?? 0)
        let forward = samples.medians(of: .forward)
        let full = samples.medians(of: .backward)
        let input = samples.medians(of: .inputGradient)
        let weight = samples.medians(of: .weightGradient)
        func typical(_ values: [Int64?]) -> Int64? { median(values.compactMap { $0 }) }
        guard let typicalForward = typical(forward) else { throw CostFitError(missing: "forward (F)") }
        let typicalInput = typical(input)
        let typicalWeight = typical(weight)
        guard let typicalBackward = typical(full) ?? typicalInput.map({ $0 + (typicalWeight ?? 0) }) else {
            throw CostFitError(missing: "backward (B, or I and W)")
        }
        let stages = forward.indices.map { stage in
            let whole = full[stage] ?? typicalBackward
            let inputGradient = input[stage] ?? weight[stage].map { max(whole - $0, 0) } ?? typicalInput ?? whole / 2
            return StageCosts(
                forward: forward[stage] ?? typicalForward, inputGradient: inputGradient,
                weightGradient: weight[stage] ?? max(whole - inputGradient, 0))
        }
        guard !stages.isEmpty else { throw CostFitError(missing: "stage") }
        self.init(
            stages: stages, overlapSaving: samples.medianSaving(stages), transfer: samples.medianTransfer(chains))
    }
}

/// A timeline does not tell what a stage costs.
public struct CostFitError: Error, Hashable, CustomStringConvertible {
    /// What the timeline lacks.
    public let missing: String

    /// What is missing, and what would help.
    public var description: String {
        "the timeline has no \(missing) that runs alone: record a step of a schedule that has some, such as 1f1b"
    }
}

/// The spans of a timeline by stage and kind.
private struct CostSamples {
    private struct Item {
        let action: Action
        let rank: Int
        let interval: Range<Int64>
    }

    private var alone: [[ActionKind: [Int64]]]
    private var pairs: [(forward: Item, backward: Item)] = []
    private var items: [Item] = []

    init(_ timeline: Timeline, stageCount: Int) {
        alone = Array(repeating: [:], count: stageCount)
        struct Place: Hashable {
            let lane: Int32
            let interval: Range<Int64>
        }
        var places: [Place: [Item]] = [:]
        for span in timeline.spans {
            let label = timeline.labels[Int(span.label)]
            guard label.activity == .compute, let stage = label.stage, let microbatch = label.microbatch,
                let kind = label.kind.flatMap(UInt8.init(exactly:)).flatMap(ActionKind.init(rawValue:)), kind.isCompute,
                (0..<stageCount).contains(stage), (0...Action.maximumMicrobatch).contains(microbatch)
            else { continue }
            let item = Item(
                action: Action(kind, stage: stage, microbatch: microbatch),
                rank: timeline.lanes[Int(span.lane)].rank, interval: span.interval)
            items.append(item)
            places[Place(lane: span.lane, interval: span.interval), default: []].append(item)
        }
        for group in places.values {
            if group.count == 1 {
                let item = group[0]
                alone[item.action.stage][item.action.kind, default: []].append(Int64(item.interval.count))
            } else if group.count == 2, let forward = group.first(where: { $0.action.kind == .forward }),
                let backward = group.first(where: { $0.action.kind == .backward || $0.action.kind == .inputGradient })
            {
                pairs.append((forward, backward))
            }
            // What else shares an extent was woven with a lone W, and tells neither's own time.
        }
    }

    func medians(of kind: ActionKind) -> [Int64?] { alone.map { median($0[kind] ?? []) } }

    func medianSaving(_ stages: [StageCosts]) -> Double {
        let savings = pairs.compactMap { pair -> Double? in
            let backward = stages[pair.backward.action.stage]
            let second = pair.backward.action.kind == .backward ? backward.backward : backward.inputGradient
            let sum = stages[pair.forward.action.stage].forward + second
            return sum == 0 ? nil : 1 - Double(pair.forward.interval.count) / Double(sum)
        }.sorted()
        return savings.isEmpty ? 0 : min(max(savings[savings.count / 2], 0), 1)
    }

    func medianTransfer(_ chains: [Chain]) -> Int64 {
        let layout = StageLayout(chains)
        var ends: [Action: Int64] = [:]
        var itemsOfRank: [Int: [Item]] = [:]
        for item in items {
            ends[item.action.kind == .inputGradient ? item.action.with(.backward) : item.action] =
                item.interval.upperBound
            itemsOfRank[item.rank, default: []].append(item)
        }
        var gaps: [Int64] = []
        for items in itemsOfRank.values {
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
        return median(gaps) ?? 0
    }
}

private func median(_ values: [Int64]) -> Int64? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
}
