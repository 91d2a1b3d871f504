/// One of the three passes of a micro-batch through a stage.
@frozen public enum Pass: UInt8, Hashable, Sendable, CaseIterable, Codable {
    /// The forward.
    case forward
    /// The backward that gives the gradient of the stage's input, weight gradients apart.
    case backward
    /// The weight gradients.
    case weight

    /// F, B or W.
    public var symbol: String {
        switch self {
        case .forward: "F"
        case .backward: "B"
        case .weight: "W"
        }
    }
}
