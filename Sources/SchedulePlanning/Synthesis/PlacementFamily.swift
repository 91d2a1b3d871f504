public import PipelineSchedules

/// A family of placements of stages on ranks.
public enum PlacementFamily: Hashable, Sendable {
    /// One stage per rank.
    case linear
    /// Stage s on rank s mod P, with `chunks` stages per rank.
    case interleaved(chunks: Int)
    /// Down the ranks and back up, with `chunks` stages per rank. Two chunks are the V of DualPipeV and ZB-V.
    case wave(chunks: Int)
    /// Two chains from opposite ends, each a whole copy of the model.
    case bidirectional
    /// Stage s on rank `ranks[s]`, with equally many stages on every rank.
    /// ``Synthesizer/assignStages(reach:isCancelled:)`` chooses such a placement.
    case assigned(ranks: [Int])

    /// The common name of the placement, such as `interleaved x4`.
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

    /// The number of stages per rank.
    public var stagesPerRank: Int {
        switch self {
        case .linear: 1
        case .interleaved(let chunks), .wave(let chunks): chunks
        case .bidirectional: 2
        case .assigned(let ranks): ranks.count / max((ranks.max() ?? 0) + 1, 1)
        }
    }

    /// The fraction of a rank's share of the model that one stage holds.
    public var stageShare: Double { self == .bidirectional ? 1 : 1 / Double(stagesPerRank) }

    /// Returns the chains of the placement.
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

    /// The built-in schedules with this placement.
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
