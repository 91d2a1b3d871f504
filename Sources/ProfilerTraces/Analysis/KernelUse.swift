/// The uses of one kernel. All times are nanoseconds.
public struct KernelUse: Hashable, Sendable {
    /// The kernel's name.
    public var name: String
    /// The kernel's kind.
    public var kind: KernelKind
    /// The number of times that the kernel ran.
    public var count = 0
    /// The sum of its durations.
    public var time: Int64 = 0
    /// The longest duration.
    public var longest: Int64 = 0
    /// The kernel's share of the exposed communication.
    public var exposed: Int64 = 0
}
