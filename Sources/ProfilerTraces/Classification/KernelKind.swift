public import Timelines

/// The kind of a kernel, derived from its name and category.
public struct KernelKind: Hashable, Sendable {
    /// The class: computation, communication or memory; for recorded timelines, also transfer or wait.
    public var activity: ActivityClass
    /// The role: whether the kernel does work, waits for other ranks or prepares a transfer.
    public var role: KernelRole
    /// The family of the kernel, such as `NCCL all-reduce` or `DeepEP dispatch`; empty for plain computation.
    public var family: String

    /// Creates a kind.
    public init(activity: ActivityClass, role: KernelRole = .work, family: String = "") {
        self.activity = activity
        self.role = role
        self.family = family
    }
}
