/// A copy of one expert's weights from one device to another.
public struct ExpertCopy: Hashable, Sendable {
    /// The layer.
    public let layer: Int
    /// The expert.
    public let expert: Int
    /// The device that sends the expert.
    public let source: Int
    /// The device that receives the expert.
    public let target: Int
    /// The slot that receives the expert, counted over all devices.
    public let slot: Int
}
