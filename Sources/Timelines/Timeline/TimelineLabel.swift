/// What a span is: a name, a class and, where it belongs to a pipeline, its stage, micro-batch and kind.
///
/// Stage, micro-batch and kind are plain integers, so that a timeline needs to know no schedule; whoever makes the
/// timeline says what its kinds mean.
public struct TimelineLabel: Hashable, Sendable {
    /// What people read, such as `0F4` or `ncclDevKernel_AllReduce`.
    public var name: String
    /// What kind of work it is.
    public var activity: ActivityClass
    /// The pipeline stage, where there is one.
    public var stage: Int?
    /// The micro-batch, where there is one.
    public var microbatch: Int?
    /// The kind of action, in the maker's own numbers, where there is one.
    public var kind: Int?

    /// A label of the given parts.
    public init(
        name: String, activity: ActivityClass, stage: Int? = nil, microbatch: Int? = nil, kind: Int? = nil
    ) {
        self.name = name
        self.activity = activity
        self.stage = stage
        self.microbatch = microbatch
        self.kind = kind
    }
}
