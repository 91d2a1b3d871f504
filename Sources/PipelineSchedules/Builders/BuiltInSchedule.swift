/// The schedules that Contraflow builds by name.
public enum BuiltInSchedule: String, Hashable, Sendable, CaseIterable {
    /// All forwards, then all backwards (Huang et al., 2019).
    case gpipe
    /// One forward, one backward, as PipeDream-Flush and Megatron-LM run it (Narayanan et al., 2021).
    case oneForwardOneBackward = "1f1b"
    /// 1F1B with several chunks of the model per rank (Narayanan et al., 2021).
    case interleaved = "interleaved-1f1b"
    /// Interleaved 1F1B with overlapped pairs and one more warm-up forward (Megatron-Core; Kimi K2, 2025).
    case interleavedOverlap = "interleaved-overlap"
    /// Interleaved 1F1B with split backward (Qi et al., 2024; PyTorch).
    case interleavedZeroBubble = "interleaved-zb1p"
    /// Breadth-first: every micro-batch runs through a chunk before any enters the next (Lamy-Poirier, 2023).
    case loopedBreadthFirst = "looped-bfs"
    /// 1F1B with split backward at 1F1B's memory, called ZB-H1 in its paper (Qi et al., 2024).
    case zeroBubble = "zb1p"
    /// ZB-H1 with twice the memory, and no bubble except the staggered starts of the ranks (Qi et al., 2024).
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
    /// Half of DualPipe: one chain that runs down the ranks and back up (DeepSeek, 2025).
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

    /// Whether the number of stages per rank is not fixed by the schedule, so that `chunks` has an effect.
    public var hasChunks: Bool {
        switch self {
        case .interleaved, .interleavedOverlap, .interleavedZeroBubble, .loopedBreadthFirst, .hanayo: true
        default: false
        }
    }

    /// Builds the schedule.
    ///
    /// - Parameters:
    ///   - ranks: The number of ranks of the pipeline, at least 1.
    ///   - microbatches: The number of micro-batches per training step over all chains, at least 1, or 2 for
    ///     ``chimera`` and ``dualPipe``.
    ///   - chunks: The number of stages per rank; ignored unless ``hasChunks`` is true. ``hanayo`` needs an even
    ///     number, two chunks per wave.
    /// - Throws: ``ScheduleSizeError`` if the schedule is not defined for these sizes.
    /// - Complexity: O(actions).
    public func build(ranks: Int, microbatches: Int, chunks: Int = 2) throws(ScheduleSizeError) -> Schedule {
        try refuse(ranks, as: "ranks", outside: 1...Action.maximumStage / 2)
        try refuse(microbatches, as: "micro-batches", outside: 1...Action.maximumMicrobatch)
        if self == .chimera || self == .dualPipe {
            try refuse(microbatches, as: "micro-batches", outside: 2...Action.maximumMicrobatch)
        }
        if hasChunks { try refuse(chunks, as: "chunks", outside: 1...Action.maximumStage / ranks) }
        if self == .hanayo, !chunks.isMultiple(of: 2) {
            throw ScheduleSizeError(
                schedule: title, parameter: "chunks", value: chunks, allowed: 2...Action.maximumStage / ranks,
                requirement: "an even number, two chunks per wave")
        }
        let schedule = schedule(ranks: ranks, microbatches: microbatches, chunks: chunks)
        if InvariantChecks.areEnabled { schedule._checkInvariants() }
        return schedule
    }

    private func schedule(ranks: Int, microbatches: Int, chunks: Int) -> Schedule {
        switch self {
        case .gpipe: .gpipe(ranks: ranks, microbatches: microbatches)
        case .oneForwardOneBackward: .oneForwardOneBackward(ranks: ranks, microbatches: microbatches)
        case .interleaved: .interleaved(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .interleavedOverlap: .interleavedOverlap(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .interleavedZeroBubble: .interleavedZeroBubble(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .loopedBreadthFirst: .loopedBreadthFirst(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .zeroBubble: .zeroBubble(ranks: ranks, microbatches: microbatches)
        case .zeroBubbleH2: .zeroBubbleH2(ranks: ranks, microbatches: microbatches)
        case .zeroBubbleV: .zeroBubbleV(ranks: ranks, microbatches: microbatches)
        case .vHalf: .vHalf(ranks: ranks, microbatches: microbatches)
        case .vMin: .vMin(ranks: ranks, microbatches: microbatches)
        case .chimera: .chimera(ranks: ranks, microbatches: microbatches)
        case .hanayo: .hanayo(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .dualPipe: .dualPipe(ranks: ranks, microbatches: microbatches)
        case .dualPipeV: .dualPipeV(ranks: ranks, microbatches: microbatches)
        }
    }

    private func refuse(_ value: Int, as name: String, outside range: ClosedRange<Int>) throws(ScheduleSizeError) {
        guard range.contains(value) else {
            throw ScheduleSizeError(schedule: title, parameter: name, value: value, allowed: range, requirement: nil)
        }
    }
}

/// An error for a size for which a schedule is not defined.
public struct ScheduleSizeError: Error, Hashable, CustomStringConvertible {
    /// The schedule's name in the literature.
    public let schedule: String
    /// The plural name of the size, such as `micro-batches`.
    public let parameter: String
    /// The requested value of the size.
    public let value: Int
    /// The values for which the schedule is defined.
    public let allowed: ClosedRange<Int>
    /// A further requirement on the value, such as an even number; nil if there is none.
    public let requirement: String?

    /// One line: the requested size, and the sizes that are possible.
    public var description: String {
        let bound = value < allowed.lowerBound ? "at least \(allowed.lowerBound)" : "at most \(allowed.upperBound)"
        let noun = value == 1 ? Self.singular[parameter, default: parameter] : parameter
        return "\(schedule) cannot run with \(value) \(noun): give \(requirement ?? bound)"
    }

    private static let singular = ["ranks": "rank", "micro-batches": "micro-batch", "chunks": "chunk"]
}
