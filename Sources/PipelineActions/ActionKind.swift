/// The kind of an action, in the grammar of PyTorch's pipelining runtime.
@frozen
public enum ActionKind: UInt8, Hashable, Sendable, CaseIterable {
    /// The forward pass of one micro-batch through one stage: `F`.
    case forward = 1
    /// The whole backward pass, input and weight gradients together: `B`.
    case backward
    /// The gradient of the stage's input, the part of the backward pass that the previous stage waits for: `I`.
    case inputGradient
    /// The gradients of the stage's weights, the part of the backward pass that no other stage waits for: `W`.
    case weightGradient
    /// Sends a stage's output to the rank of the next stage: `SEND_F`.
    case sendForward
    /// Receives a stage's input from the rank of the previous stage: `RECV_F`.
    case receiveForward
    /// Sends the gradient of a stage's input to the rank of the previous stage: `SEND_B`.
    case sendBackward
    /// Receives the gradient of a stage's output from the rank of the next stage: `RECV_B`.
    case receiveBackward
    /// Gathers a stage's sharded parameters: `UNSHARD`. It has no micro-batch.
    case unshard
    /// Frees a stage's gathered parameters: `RESHARD`. It has no micro-batch.
    case reshard
    /// Reduces a stage's gradients over its data-parallel ranks: `REDUCE_GRAD`. It has no micro-batch.
    case reduceGradients

    /// The letters that stand for the kind in a CSV cell, such as `F` or `SEND_B`.
    public var symbol: String {
        switch self {
        case .forward: "F"
        case .backward: "B"
        case .inputGradient: "I"
        case .weightGradient: "W"
        case .sendForward: "SEND_F"
        case .receiveForward: "RECV_F"
        case .sendBackward: "SEND_B"
        case .receiveBackward: "RECV_B"
        case .unshard: "UNSHARD"
        case .reshard: "RESHARD"
        case .reduceGradients: "REDUCE_GRAD"
        }
    }

    /// Whether the action computes (F, B, I or W).
    @inlinable public var isCompute: Bool { rawValue <= Self.weightGradient.rawValue }

    /// Whether the action sends or receives.
    @inlinable public var isTransfer: Bool {
        rawValue >= Self.sendForward.rawValue && rawValue <= Self.receiveBackward.rawValue
    }

    /// Whether the action sends.
    @inlinable package var isSend: Bool { self == .sendForward || self == .sendBackward }

    /// Whether the action names a micro-batch. An action of any other kind concerns a stage as a whole.
    @inlinable public var hasMicrobatch: Bool { rawValue <= Self.receiveBackward.rawValue }
}
