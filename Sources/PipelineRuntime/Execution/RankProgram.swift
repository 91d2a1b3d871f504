package import PipelineSchedules

/// A rank's row of a schedule with its transfers: what every action receives, from whom, and to whom its result goes.
///
/// It is derived once; the executor decides nothing.
package struct RankProgram {
    /// A value that comes from, or goes to, another rank.
    package struct Transfer: Hashable {
        /// The other rank of the pipeline.
        package let peer: Int
        /// Tells the value from all others between the two ranks.
        package let tag: Int
        /// Whether it is a gradient, and not an activation.
        package var isGradient: Bool { Self.isGradient(tag: tag) }
        /// The position in the peer's row of the action that makes the value, or that needs it.
        package let peerPosition: Int

        /// The way that it takes.
        var direction: Direction { Direction(peer: peer, isGradient: isGradient) }

        /// Tags of gradients are odd.
        static func isGradient(tag: Int) -> Bool { tag & 1 == 1 }
    }

    /// One way between this rank of the pipeline and another.
    struct Direction: Hashable {
        let peer: Int
        let isGradient: Bool
    }

    /// Where an action's input comes from.
    package enum Source: Hashable {
        /// The chain begins or ends here.
        case none
        /// A neighbouring stage on the same rank.
        case local
        /// Another rank.
        case remote(Transfer)
    }

    /// An action with where its input comes from and its result goes to.
    package struct Instruction {
        package let action: Action
        package let source: Source
        package let target: Source
    }

    /// The rank's steps; one instruction, or two that overlap.
    package let steps: [[Instruction]]
    /// All that the rank receives, in the order in which receives are posted, with the position of the step before which
    /// that has to be done.
    ///
    /// It is the order in which values are needed, but each comes after what its sender sends before it on the same
    /// channel, where there are no tags to match them by: positions never fall, and neither do those in the sender's row
    /// of what comes from one peer, activations and gradients apart.
    package let receives: [(transfer: Transfer, position: Int)]

    /// The program of `rank` under a valid schedule.
    package init(_ schedule: Schedule, rank: Int) {
        let schedule = schedule.removingTransfers()
        let layout = StageLayout(schedule.chains)
        let positions = ActionPositions(schedule, layout: layout)
        let tagStride = 1 + (schedule.chains.map(\.microbatchCount).max() ?? 0)

        func end(_ action: Action, of neighbour: Int, isForward: Bool, sender: Int) -> Source {
            guard neighbour >= 0 else { return .none }
            guard layout.ranks[neighbour] != rank else { return .local }
            let cell = layout.cellOffsets[neighbour] + action.microbatch
            return .remote(
                Transfer(
                    peer: layout.ranks[neighbour],
                    tag: 2 * (sender * tagStride + action.microbatch) + (isForward ? 0 : 1),
                    peerPosition: isForward ? positions.forward[cell] : positions.backward[cell]))
        }
        steps = schedule.rows[rank].filter { $0 != .idle }.map { step in
            var instructions: [Instruction] = []
            step.forEachAction { action in
                let (previous, next) = (layout.previous[action.stage], layout.next[action.stage])
                switch action.kind {
                case .forward:
                    instructions.append(
                        Instruction(
                            action: action, source: end(action, of: previous, isForward: true, sender: previous),
                            target: end(action, of: next, isForward: true, sender: action.stage)))
                case .backward, .inputGradient:
                    instructions.append(
                        Instruction(
                            action: action, source: end(action, of: next, isForward: false, sender: next),
                            target: end(action, of: previous, isForward: false, sender: action.stage)))
                default: instructions.append(Instruction(action: action, source: .none, target: .none))
                }
            }
            return instructions
        }
        receives = Self.inSendingOrder(
            steps.enumerated().flatMap { position, instructions in
                instructions.compactMap { instruction in
                    guard case .remote(let transfer) = instruction.source else { return nil }
                    return (transfer, position)
                }
            })
    }

    /// `needed` with each transfer after those that its sender sends before it.
    private static func inSendingOrder(
        _ needed: [(transfer: Transfer, position: Int)]
    ) -> [(transfer: Transfer, position: Int)] {
        // The next to come is last. No two of one way are made by the same step.
        var coming = Dictionary(grouping: needed.map(\.transfer), by: \.direction)
            .mapValues { $0.sorted { $0.peerPosition > $1.peerPosition } }
        return needed.flatMap { transfer, position in
            var posted: [(transfer: Transfer, position: Int)] = []
            while let next = coming[transfer.direction]?.last, next.peerPosition <= transfer.peerPosition {
                coming[transfer.direction]?.removeLast()
                posted.append((next, position))
            }
            return posted
        }
    }
}

/// Where in its rank's row each (stage, micro-batch) runs forward and back; idle places do not count.
private struct ActionPositions {
    private(set) var forward: [Int]
    private(set) var backward: [Int]

    init(_ schedule: Schedule, layout: StageLayout) {
        forward = Array(repeating: -1, count: layout.cellCount)
        backward = forward
        for row in schedule.rows {
            for (position, step) in row.lazy.filter({ $0 != .idle }).enumerated() {
                step.forEachAction { action in
                    switch action.kind {
                    case .forward: forward[layout.cell(action)] = position
                    case .backward, .inputGradient: backward[layout.cell(action)] = position
                    default: break
                    }
                }
            }
        }
    }
}
