/// The schedules that Contraflow builds by name.
public enum BuiltInSchedule: String, Hashable, Sendable, CaseIterable {
    /// All forwards, then all backwards (Huang et al., 2019).
    case gpipe
    /// One forward, one backward, as PipeDream-Flush and Megatron-LM run it (Narayanan et al., 2021).
    case oneForwardOneBackward = "1f1b"
    /// 1F1B with several chunks of the model per rank (Narayanan et al., 2021).
    case interleaved = "interleaved-1f1b"
    /// Interleaved 1F1B with overlapped pairs and an extra forward ahead (Megatron-Core; Kimi K2, 2025).
    case interleavedOverlap = "interleaved-overlap"
    /// Interleaved 1F1B with split backward (Qi et al., 2024; PyTorch).
    case interleavedZeroBubble = "interleaved-zb1p"
    /// Every micro-batch through a chunk before the next chunk (Lamy-Poirier, 2023).
    case loopedBreadthFirst = "looped-bfs"
    /// 1F1B with split backward at 1F1B's memory, ZB-H1 of its paper (Qi et al., 2024).
    case zeroBubble = "zb1p"
    /// ZB-H1 with twice the memory and no bubble but the shifted starts (Qi et al., 2024).
    case zeroBubbleH2 = "zb-h2"
    /// A V-shaped chain with split backward at 1F1B's memory (Qi et al., 2024).
    case zeroBubbleV = "zb-v"
    /// A V-shaped chain at half of 1F1B's activations (Qi et al., 2024).
    case vHalf = "v-half"
    /// A V-shaped chain at a third of 1F1B's activations (Qi et al., 2024).
    case vMin = "v-min"
    /// Two chains from opposite ends without overlapped pairs (Li and Hoefler, 2021).
    case chimera
    /// A chain that runs down and up the ranks in waves (Liu et al., 2023).
    case hanayo
    /// DeepSeek's bidirectional schedule with overlapped pairs (DeepSeek-V3 technical report, 2024).
    case dualPipe = "dualpipe"
    /// DualPipe cut in half: one chain that runs down the ranks and back up (DeepSeek, 2025).
    case dualPipeV = "dualpipev"

    /// The schedule's name in the literature.
    public var title: String {
        switch self {
        case .gpipe: "GPipe"
        case .oneForwardOneBackward: "1F1B"
        case .interleaved: "Interleaved 1F1B"
        case .interleavedOverlap: "Interleaved overlap"
        case .interleavedZeroBubble: "Interleaved ZB1P"
        case .loopedBreadthFirst: "Looped BFS"
        case .zeroBubble: "ZB1P"
        case .zeroBubbleH2: "ZB-H2"
        case .zeroBubbleV: "ZB-V"
        case .vHalf: "V-Half"
        case .vMin: "V-Min"
        case .chimera: "Chimera"
        case .hanayo: "Hanayo"
        case .dualPipe: "DualPipe"
        case .dualPipeV: "DualPipeV"
        }
    }

    /// Whether `chunks` changes the schedule: it may hold any number of stages per rank.
    public var hasChunks: Bool {
        switch self {
        case .interleaved, .interleavedOverlap, .interleavedZeroBubble, .loopedBreadthFirst, .hanayo: true
        default: false
        }
    }

    /// Builds the schedule.
    ///
    /// - Parameters:
    ///   - ranks: Ranks of the pipeline, at least 1.
    ///   - microbatches: Micro-batches of a step over all chains, at least 1.
    ///   - chunks: Stages per rank if ``hasChunks``, else without effect; even for ``hanayo``, two per wave.
    /// - Throws: ``ScheduleSizeError`` where the schedule is not defined for these sizes.
    /// - Complexity: O(actions).
    public func build(ranks: Int, microbatches: Int, chunks: Int = 2) throws(ScheduleSizeError) -> Schedule {
        try refuse(ranks, as: "ranks", outside: 1...Action.maximumStage / 2)
        try refuse(microbatches, as: "micro-batches", outside: 1...Action.maximumMicrobatch)
        if self == .chimera || self == .dualPipe {
            try refuse(microbatches, as: "micro-batches", outside: 2...Action.maximumMicrobatch)
        }
        if hasChunks { try refuse(chunks, as: "chunks", outside: 1...Action.maximumStage / ranks) }
        switch self {
        case .gpipe: return .gpipe(ranks: ranks, microbatches: microbatches)
        case .oneForwardOneBackward: return .oneForwardOneBackward(ranks: ranks, microbatches: microbatches)
        case .interleaved: return .interleaved(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .interleavedOverlap: return .interleavedOverlap(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .interleavedZeroBubble:
            return .interleavedZeroBubble(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .loopedBreadthFirst: return .loopedBreadthFirst(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .zeroBubble: return .zeroBubble(ranks: ranks, microbatches: microbatches)
        case .zeroBubbleH2: return .zeroBubbleH2(ranks: ranks, microbatches: microbatches)
        case .zeroBubbleV: return .zeroBubbleV(ranks: ranks, microbatches: microbatches)
        case .vHalf: return .vHalf(ranks: ranks, microbatches: microbatches)
        case .vMin: return .vMin(ranks: ranks, microbatches: microbatches)
        case .chimera: return .chimera(ranks: ranks, microbatches: microbatches)
        case .hanayo:
            guard chunks.isMultiple(of: 2) else {
                throw ScheduleSizeError(
                    schedule: title, parameter: "chunks", value: chunks, allowed: 2...Action.maximumStage / ranks,
                    requirement: "an even number, two chunks per wave")
            }
            return .hanayo(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .dualPipe: return .dualPipe(ranks: ranks, microbatches: microbatches)
        case .dualPipeV: return .dualPipeV(ranks: ranks, microbatches: microbatches)
        }
    }

    private func refuse(_ value: Int, as name: String, outside range: ClosedRange<Int>) throws(ScheduleSizeError) {
        guard range.contains(value) else {
            throw ScheduleSizeError(schedule: title, parameter: name, value: value, allowed: range, requirement: nil)
        }
    }
}

/// A schedule was asked for a size that it is not defined for.
public struct ScheduleSizeError: Error, Hashable, CustomStringConvertible {
    /// The schedule's name in the literature.
    public let schedule: String
    /// The size that does not fit, such as `micro-batches`.
    public let parameter: String
    /// The size as it was asked for.
    public let value: Int
    /// The sizes that the schedule is defined for.
    public let allowed: ClosedRange<Int>
    /// What the size has to be beside lying in `allowed`; nil where the range says all.
    public let requirement: String?

    /// What was asked, and what is possible.
    public var description: String {
        let bound = value < allowed.lowerBound ? "at least \(allowed.lowerBound)" : "at most \(allowed.upperBound)"
        return "\(schedule) cannot run with \(value) \(parameter): give \(requirement ?? bound)"
    }
}
