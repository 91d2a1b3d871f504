public import Timelines

/// What a kernel's name and category say of it.
public struct KernelKind: Hashable, Sendable {
    /// Computation, communication or memory.
    public var activity: ActivityClass
    /// Whether it moves data or waits for others.
    public var role: KernelRole
    /// What it belongs to, such as `NCCL all-reduce` or `DeepEP dispatch`; empty for plain computation.
    public var family: String

    /// A kind of the given parts.
    public init(activity: ActivityClass, role: KernelRole = .work, family: String = "") {
        self.activity = activity
        self.role = role
        self.family = family
    }
}
