/// The role of a kernel while it runs.
public enum KernelRole: UInt8, Hashable, Sendable, CaseIterable {
    /// The kernel moves data or computes.
    case work
    /// The kernel signals other ranks and waits for them, as in a barrier, a notification or an exchange of counts.
    case wait
    /// The kernel prepares a transfer without moving data.
    case setup

    /// The name of the role in tables and files.
    public var name: String { "\(self)" }
}
