/// One of the three passes of a micro-batch through a stage.
@frozen public enum Pass: UInt8, Hashable, Sendable, CaseIterable, Codable {
    /// The forward pass.
    case forward
    /// The backward pass that computes the gradient of the stage's input, without the weight gradients.
    case backward
    /// The pass that computes the weight gradients.
    case weight

    /// The letter of the pass: F, B or W.
    public var symbol: String {
        switch self {
        case .forward: "F"
        case .backward: "B"
        case .weight: "W"
        }
    }
}
