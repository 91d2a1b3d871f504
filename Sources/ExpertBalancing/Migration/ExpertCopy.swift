/// A copy of one expert from one device to another.
public struct ExpertCopy: Hashable, Sendable {
    /// The parts of an expert that a copy carries.
    public struct Content: OptionSet, Hashable, Sendable {
        /// The bits of the parts.
        public let rawValue: UInt8

        /// Creates a content from the bits of its parts.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The weights that a slot computes with.
        public static let weights = Content(rawValue: 1)
        /// The master weights and the optimizer's moments, which the owner of the expert alone has. The slot that
        /// receives them becomes the owner.
        public static let state = Content(rawValue: 2)
    }

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
    /// The parts of the expert that are copied. Between placements without owners, the weights alone.
    public let content: Content

    init(layer: Int, expert: Int, source: Int, target: Int, slot: Int, content: Content = .weights) {
        self.layer = layer
        self.expert = expert
        self.source = source
        self.target = target
        self.slot = slot
        self.content = content
    }
}
