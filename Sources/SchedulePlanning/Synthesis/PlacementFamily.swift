public import PipelineSchedules

/// How stages lie on ranks.
public enum PlacementFamily: Hashable, Sendable {
    /// One stage a rank.
    case linear
    /// Stage s on rank s mod P, `chunks` stages a rank.
    case interleaved(chunks: Int)
    /// Down the ranks and back up, `chunks` stages a rank; two chunks are the V of DualPipeV and ZB-V.
    case wave(chunks: Int)
    /// Two chains from opposite ends, each a whole copy of the model.
    case bidirectional
    /// Stage s on rank `ranks[s]`, every rank with equally many: what ``Synthesizer/assignStages(reach:isCancelled:)``
    /// chooses.
    case assigned(ranks: [Int])

    /// What people call the placement, such as `interleaved x4`.
    public var name: String {
        switch self {
        case .linear: "linear"
        case .interleaved(let chunks): "interleaved x\(chunks)"
        case .wave(2): "V"
        case .wave(let chunks): "wave x\(chunks)"
        case .bidirectional: "bidirectional"
        case .assigned: "assigned x\(stagesPerRank)"
        }
    }

    /// The stages per rank.
    public var stagesPerRank: Int {
        switch self {
        case .linear: 1
        case .interleaved(let chunks), .wave(let chunks): chunks
        case .bidirectional: 2
        case .assigned(let ranks): ranks.count / max((ranks.max() ?? 0) + 1, 1)
        }
    }

    /// The part of a rank's share of the model that one stage is.
    public var stageShare: Double { self == .bidirectional ? 1 : 1 / Double(stagesPerRank) }

    /// The chains of the placement.
    public func chains(ranks: Int, microbatches: Int) -> [Chain] {
        switch self {
        case .linear: [.looped(ranks: ranks, microbatches: microbatches, chunks: 1)]
        case .interleaved(let chunks): [.looped(ranks: ranks, microbatches: microbatches, chunks: chunks)]
        case .wave(let chunks): [.wave(ranks: ranks, microbatches: microbatches, chunks: chunks)]
        case .bidirectional: Chain.bidirectional(ranks: ranks, microbatches: microbatches)
        case .assigned(let assigned):
            [Chain(stages: 0..<assigned.count, ranks: assigned, microbatchCount: microbatches)]
        }
    }

    /// The schedules with a name that lie like this.
    package var builtIns: [BuiltInSchedule] {
        switch self {
        case .linear: [.gpipe, .oneForwardOneBackward, .zeroBubble, .zeroBubbleH2]
        case .interleaved: [.interleaved, .interleavedOverlap, .interleavedZeroBubble, .loopedBreadthFirst]
        case .wave(2): [.zeroBubbleV, .vHalf, .vMin, .dualPipeV, .hanayo]
        case .wave: [.hanayo]
        case .bidirectional: [.chimera, .dualPipe]
        case .assigned: []
        }
    }
}
