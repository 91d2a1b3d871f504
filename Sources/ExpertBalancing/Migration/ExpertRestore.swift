/// A slot whose expert is on no remaining device, so that its weights come from a checkpoint.
public struct ExpertRestore: Hashable, Sendable {
    /// The layer.
    public let layer: Int
    /// The expert.
    public let expert: Int
    /// The device that reads the expert.
    public let target: Int
    /// The slot that receives the expert, counted over all devices.
    public let slot: Int
}
