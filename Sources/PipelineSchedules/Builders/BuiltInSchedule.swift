/// The schedules that Contraflow builds by name.
public enum BuiltInSchedule: String, Hashable, Sendable, CaseIterable {
    /// All forwards, then all backwards (Huang et al., 2019).
    case gpipe
    /// One forward, one backward, as PipeDream-Flush and Megatron-LM run it (Narayanan et al., 2021).
    case oneForwardOneBackward = "1f1b"
    /// 1F1B with several chunks of the model a rank (Narayanan et al., 2021).
    case interleaved = "interleaved-1f1b"
    /// 1F1B with split backward at 1F1B's memory, ZB-H1 of its paper (Qi et al., 2024).
    case zeroBubble = "zb1p"
    /// DeepSeek's bidirectional schedule with overlapped pairs (DeepSeek-V3 technical report, 2024).
    case dualPipe = "dualpipe"
    /// DualPipe cut in half: one chain that runs down the ranks and back up (DeepSeek, 2025).
    case dualPipeV = "dualpipev"

    /// What people call the schedule.
    public var title: String {
        switch self {
        case .gpipe: "GPipe"
        case .oneForwardOneBackward: "1F1B"
        case .interleaved: "Interleaved 1F1B"
        case .zeroBubble: "ZB1P"
        case .dualPipe: "DualPipe"
        case .dualPipeV: "DualPipeV"
        }
    }

    /// Builds the schedule.
    ///
    /// - Parameters:
    ///   - ranks: Ranks of the pipeline, at least 1.
    ///   - microbatches: Micro-batches of a step over all chains, at least 1.
    ///   - chunks: Stages a rank, for ``interleaved`` alone.
    /// - Throws: ``ScheduleRefusal`` where the schedule is not defined for these sizes.
    /// - Complexity: O(actions).
    public func build(ranks: Int, microbatches: Int, chunks: Int = 2) throws(ScheduleRefusal) -> Schedule {
        try refuse(ranks, as: "ranks", outside: 1...Action.maximumStage / 2)
        try refuse(microbatches, as: "micro-batches", outside: 1...Action.maximumMicrobatch)
        switch self {
        case .gpipe:
            return .gpipe(ranks: ranks, microbatches: microbatches)
        case .oneForwardOneBackward:
            return .oneForwardOneBackward(ranks: ranks, microbatches: microbatches)
        case .interleaved:
            try refuse(chunks, as: "chunks", outside: 1...Action.maximumStage / ranks)
            return .interleaved(ranks: ranks, microbatches: microbatches, chunks: chunks)
        case .zeroBubble:
            return .zeroBubble(ranks: ranks, microbatches: microbatches)
        case .dualPipe:
            try refuse(microbatches, as: "micro-batches", outside: 2...Action.maximumMicrobatch)
            return .dualPipe(ranks: ranks, microbatches: microbatches)
        case .dualPipeV:
            return .dualPipeV(ranks: ranks, microbatches: microbatches)
        }
    }

    private func refuse(_ value: Int, as name: String, outside range: ClosedRange<Int>) throws(ScheduleRefusal) {
        guard range.contains(value) else {
            throw ScheduleRefusal(schedule: title, parameter: name, value: value, allowed: range)
        }
    }
}

/// A schedule was asked for a size that it is not defined for.
public struct ScheduleRefusal: Error, Hashable, CustomStringConvertible {
    /// What people call the schedule.
    public let schedule: String
    /// The size that does not fit, such as `micro-batches`.
    public let parameter: String
    /// The size as it was asked for.
    public let value: Int
    /// The sizes that the schedule is defined for.
    public let allowed: ClosedRange<Int>

    /// What was asked, and what is possible.
    public var description: String {
        let remedy = value < allowed.lowerBound ? "at least \(allowed.lowerBound)" : "at most \(allowed.upperBound)"
        return "\(schedule) cannot run with \(value) \(parameter): give \(remedy)"
    }
}
