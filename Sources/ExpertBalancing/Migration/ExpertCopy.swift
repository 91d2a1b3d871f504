/// One expert's weights on their way from one device to another.
public struct ExpertCopy: Hashable, Sendable {
    /// The layer.
    public let layer: Int
    /// The expert.
    public let expert: Int
    /// The device that holds the expert before.
    public let source: Int
    /// The device that gets it.
    public let target: Int
    /// The slot that gets it, counted over all devices.
    public let slot: Int
}
