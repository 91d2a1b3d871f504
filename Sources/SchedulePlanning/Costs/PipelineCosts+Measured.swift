import PipelineSchedules
public import Timelines

extension PipelineCosts {
    /// What the actions of a timeline took: for each stage, the mean length of its F, I and W.
    ///
    /// A full backward counts as equal halves of I and W where the stage has no split one. Of an overlapped pair, whose
    /// parts cannot be told apart, each part counts as half. Spans are taken from labels whose kind is an `ActionKind`'s
    /// `rawValue`, as simulations and training write them. O(spans).
    public init(measuredIn timeline: Timeline, stageCount: Int) {
        struct Extent: Hashable {
            let lane: Int32
            let interval: Range<Int64>
        }
        var spansOfExtent: [Extent: Int64] = [:]
        for span in timeline.spans { spansOfExtent[Extent(lane: span.lane, interval: span.interval), default: 0] += 1 }
        var lengths = Array(repeating: ActionLengths(), count: stageCount)
        for span in timeline.spans {
            let label = timeline.labels[Int(span.label)]
            guard let stage = label.stage, (0..<stageCount).contains(stage),
                let kind = label.kind.flatMap(UInt8.init(exactly:)).flatMap(ActionKind.init(rawValue:))
            else { continue }
            let sharing = spansOfExtent[Extent(lane: span.lane, interval: span.interval)] ?? 1
            lengths[stage].add(kind, span.duration / sharing)
        }
        self.init(stages: lengths.isEmpty ? [ActionLengths().costs] : lengths.map(\.costs))
    }
}

/// The lengths of one stage's actions, added up by kind.
private struct ActionLengths {
    private var sums: [ActionKind: (length: Int64, count: Int64)] = [:]

    mutating func add(_ kind: ActionKind, _ length: Int64) {
        let sum = sums[kind] ?? (0, 0)
        sums[kind] = (sum.length + length, sum.count + 1)
    }

    private func mean(_ kind: ActionKind) -> Int64? {
        sums[kind].map { $0.length / $0.count }
    }

    var costs: StageCosts {
        let backward = mean(.backward)
        return StageCosts(
            forward: mean(.forward) ?? 0,
            inputGradient: mean(.inputGradient) ?? (backward ?? 0) / 2,
            weightGradient: mean(.weightGradient) ?? (backward ?? 0) / 2)
    }
}
