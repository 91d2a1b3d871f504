/// A segment of a stage in one pass of a micro-batch.
public struct SegmentEvent: Hashable, Sendable, Codable {
    /// The segment's name in its model, such as `attention`.
    public var name: String
    /// The pass that the segment runs in.
    public var pass: Pass
    /// The pipeline stage; nil if the timeline is not a pipeline's.
    public var stage: Int?
    /// The micro-batch; nil if the timeline is not a pipeline's.
    public var microbatch: Int?

    /// A segment in a pass.
    public init(_ name: String, _ pass: Pass, stage: Int? = nil, microbatch: Int? = nil) {
        self.name = name
        self.pass = pass
        self.stage = stage
        self.microbatch = microbatch
    }
}
