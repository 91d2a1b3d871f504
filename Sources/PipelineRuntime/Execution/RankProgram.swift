package import PipelineSchedules

/// A rank's row of a schedule with its transfers: the source of each action's input and the target of each action's
/// result.
///
/// The program is derived once. The executor follows it and makes no decisions of its own.
package struct RankProgram {
    /// The transfer of a value from or to another rank.
    package struct Transfer: Hashable {
        /// The other rank of the pipeline.
        package let peer: Int
        /// The tag that tells the value from all others between the two ranks.
        package let tag: Int
        /// Whether the value is a gradient; otherwise it is an activation.
        package var isGradient: Bool { Self.isGradient(tag: tag) }
        /// The position in the peer's row of the action that makes or consumes the value.
        package let peerPosition: Int

        package init(peer: Int, tag: Int, peerPosition: Int) {
            self.peer = peer
            self.tag = tag
            self.peerPosition = peerPosition
        }

        /// The peer and the kind of value.
        var direction: Direction { Direction(peer: peer, isGradient: isGradient) }

        /// Whether `tag` belongs to a gradient: tags of gradients are odd.
        static func isGradient(tag: Int) -> Bool { tag & 1 == 1 }
    }

    /// A peer and a kind of value, activations or gradients. The values sent in one direction stay in order, and so do
    /// those received from it.
    struct Direction: Hashable {
        let peer: Int
        let isGradient: Bool
    }

    /// The source of an action's input, or the target of its result.
    package enum Endpoint: Hashable {
        /// No other stage: the chain begins or ends here.
        case none
        /// A neighbouring stage on the same rank.
        case local
        /// Another rank.
        case remote(Transfer)
    }

    /// An action with the source of its input and the target of its result.
    package struct Instruction {
        package let action: Action
        package let source: Endpoint
        package let target: Endpoint
    }

    /// The rank's steps: one instruction each, or two that overlap.
    package let steps: [[Instruction]]
    /// All receives of the rank in the order in which they are posted, with the position of the step before which each
    /// must be posted.
    ///
    /// Receives are in the order in which their values are needed, with one exception: each receive follows all
    /// receives whose values the sender sends earlier in the same direction, because a backend without tags matches
    /// them by order. So the positions never decrease, and neither do the peer positions of the receives from one
    /// direction.
    package let receives: [(transfer: Transfer, position: Int)]

    /// Derives the program of `rank` from a valid schedule.
    package init(_ schedule: Schedule, rank: Int) {
        let schedule = schedule.removingTransfers()
        let layout = StageLayout(schedule.chains)
        let positions = ActionPositions(schedule, layout: layout)
        let tagStride = 1 + (schedule.chains.map(\.microbatchCount).max() ?? 0)

        func end(_ action: Action, of neighbour: Int, isForward: Bool, sender: Int) -> Endpoint {
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

    /// Returns `needed`, reordered so that each transfer follows those that its sender sends before it.
    private static func inSendingOrder(
        _ needed: [(transfer: Transfer, position: Int)]
    ) -> [(transfer: Transfer, position: Int)] {
        // In descending order, so that the next transfer to arrive is last. A step sends at most one value per
        // direction.
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

/// The positions of the forward and the backward of each (stage, micro-batch) in the row of its rank. Idle steps are
/// not counted.
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
