/// How much of a device's time one kernel takes. All times are nanoseconds.
public struct KernelUse: Hashable, Sendable {
    /// The kernel's name.
    public var name: String
    /// What it is.
    public var kind: KernelKind
    /// How often it ran.
    public var count = 0
    /// The sum of its lengths.
    public var time: Int64 = 0
    /// The longest.
    public var longest: Int64 = 0
    /// Its share of the exposed communication.
    public var exposed: Int64 = 0
}
