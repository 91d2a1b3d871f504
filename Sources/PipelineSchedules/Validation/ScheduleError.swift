/// The first error in a schedule, with its rank and position.
public struct ScheduleError: Error, Hashable, CustomStringConvertible {
    /// The kind of an error in a schedule.
    public enum Reason: Hashable, Sendable {
        /// The chains do not number the stages 0, 1, 2, …, name a rank that has no row, or have no micro-batch.
        case malformedChains(String)
        /// An action of a stage that no chain has.
        case unknownStage(Action, stageCount: Int)
        /// An action of a micro-batch beyond the chain's last.
        case unknownMicrobatch(Action, microbatchCount: Int)
        /// An action on a rank that does not hold its stage.
        case wrongRank(Action, expected: Int)
        /// An action that the row has already.
        case duplicate(Action)
        /// A backward before the forward whose activations it needs.
        case backwardBeforeForward(Action)
        /// A weight gradient before the input gradient that prepares it.
        case weightBeforeInput(Action)
        /// A full backward and a split backward of the same micro-batch.
        case fullAndSplitBackward(Action)
        /// A backward in a schedule for evaluation.
        case backwardInEvaluation(Action)
        /// A pair that is not a forward with a backward.
        case notForwardWithBackward(Action, Action)
        /// A pair of the same micro-batch of the same chain, whose backward depends on its forward.
        case dependentPair(Action, Action)
        /// An action that never runs.
        case missing(Action)
        /// A transfer at an end of the chain, or between stages on the same rank.
        case needlessTransfer(Action)
        /// A send before its value exists, or a receive after its value is needed.
        case transferOutOfPlace(Action)
        /// Two ranks that order the transfers between them differently.
        case transferOrder(sent: Action, received: Action, sender: Int, receiver: Int)
        /// Ranks that wait for each other for ever.
        case circularWait([Wait])
    }

    /// One link of a circular wait.
    public struct Wait: Hashable, Sendable {
        /// The rank that waits.
        public let rank: Int
        /// The position in the rank's row.
        public let position: Int
        /// The step that the rank cannot start.
        public let step: Step
        /// The action that has to run first.
        public let awaited: Action
        /// The rank of the awaited action.
        public let awaitedRank: Int

        /// Returns the waits of the ranks that wait for one another in a circle. The search starts at `rank` and
        /// follows the waits until it comes to a rank for the second time. The circle begins with that rank.
        static func circle(from rank: Int, next: (Int) -> Wait?) -> [Wait] {
            var waits: [Wait] = []
            var rank = rank
            while !waits.contains(where: { $0.rank == rank }), let wait = next(rank) {
                waits.append(wait)
                rank = wait.awaitedRank
            }
            return Array(waits.drop { $0.rank != rank })
        }
    }

    /// The kind of the error.
    public let reason: Reason
    /// The rank, which is the row of a CSV, counted from 0; nil if no single rank is at fault.
    public let rank: Int?
    /// The position in the rank's row, which is the column of a CSV, counted from 0; nil if no single step is at fault.
    public let position: Int?

    init(_ reason: Reason, rank: Int? = nil, position: Int? = nil) {
        self.reason = reason
        self.rank = rank
        self.position = position
    }

    /// One line: the location, the error and its remedy.
    public var description: String {
        switch (rank, position) {
        case (let rank?, let position?): "rank \(rank), column \(position): \(reason.explanation)"
        case (let rank?, nil): "rank \(rank): \(reason.explanation)"
        default: reason.explanation
        }
    }
}

extension ScheduleError.Reason {
    fileprivate var explanation: String {
        switch self {
        case .malformedChains(let explanation): explanation
        case .unknownStage(let action, let count):
            "\(action) names stage \(action.stage), but the chains have stages 0 to \(count - 1)"
        case .unknownMicrobatch(let action, let count):
            "\(action) names micro-batch \(action.microbatch), but its chain has micro-batches 0 to \(count - 1)"
        case .wrongRank(let action, let expected):
            "\(action) is in this row, but stage \(action.stage) is on rank \(expected): move the action there"
        case .duplicate(let action): "\(action) runs a second time: remove it"
        case .backwardBeforeForward(let action):
            "\(action) comes before \(action.with(.forward)): run the forward first"
        case .weightBeforeInput(let action):
            "\(action) comes before \(action.with(.inputGradient)): run the input gradient first"
        case .fullAndSplitBackward(let action):
            "\(action) runs in addition to another backward of its micro-batch: use either B, or I and W"
        case .backwardInEvaluation(let action):
            "\(action) is a backward, but an evaluation has only forwards: remove it"
        case .notForwardWithBackward(let first, let second):
            "(\(first);\(second)) cannot overlap: write a forward (F) first and a backward (B or I) second"
        case .dependentPair(let first, let second):
            "(\(first);\(second)) cannot overlap, because the backward needs the forward: pair different micro-batches"
        case .missing(let action): "\(action) never runs: add it"
        case .needlessTransfer(let action): "\(action) has no other rank as its peer: remove it"
        case .transferOutOfPlace(let action):
            action.kind.isSend
                ? "\(action) comes before the compute whose result it sends: move it after"
                : "\(action) comes after the compute that needs it: move it before"
        case .transferOrder(let sent, let received, let sender, let receiver):
            "rank \(sender) sends \(sent) to rank \(receiver), which receives \(received) in its place: "
                + "use the same order at both ends"
        case .circularWait(let waits):
            "circular wait: "
                + waits.map {
                    "rank \($0.rank) at column \($0.position) (\($0.step)) waits for \($0.awaited) on rank "
                        + "\($0.awaitedRank)"
                }.joined(separator: "; ")
        }
    }
}
