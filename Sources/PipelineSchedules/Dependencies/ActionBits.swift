/// The set of action kinds that have run for one (stage, micro-batch), with one bit per kind.
struct ActionBits: OptionSet {
    let rawValue: UInt8

    static let forward = ActionBits(.forward)
    static let backward = ActionBits(.backward)
    static let inputGradient = ActionBits(.inputGradient)
    static let weightGradient = ActionBits(.weightGradient)
    /// The kinds that produce the gradient of the stage's input.
    static let inputReady: ActionBits = [.backward, .inputGradient]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// - Precondition: `kind` has a micro-batch.
    @inline(__always) init(_ kind: ActionKind) { rawValue = 1 << (kind.rawValue - 1) }
}

extension StageLayout {
    /// Returns the stage at the other end of a transfer, or -1 if the chain ends there.
    func peerStage(of transfer: Action) -> Int {
        switch transfer.kind {
        case .sendForward, .receiveBackward: next[transfer.stage]
        default: previous[transfer.stage]
        }
    }

    /// Returns the action at the other end of a transfer.
    ///
    /// - Precondition: The chain does not end there.
    func counterpart(of transfer: Action) -> Action {
        let kind: ActionKind =
            switch transfer.kind {
            case .sendForward: .receiveForward
            case .receiveForward: .sendForward
            case .sendBackward: .receiveBackward
            default: .sendBackward
            }
        return Action(kind, stage: peerStage(of: transfer), microbatch: transfer.microbatch)
    }

    /// Whether the two ends of a transfer are on different ranks.
    func crossesRanks(_ transfer: Action) -> Bool {
        let peer = peerStage(of: transfer)
        return peer >= 0 && ranks[peer] != ranks[transfer.stage]
    }
}
