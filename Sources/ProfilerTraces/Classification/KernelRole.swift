/// What a communication kernel does while it runs.
public enum KernelRole: UInt8, Hashable, Sendable, CaseIterable {
    /// Moves data, or computes.
    case work
    /// Tells other ranks something and waits for them: a barrier, a notification, an exchange of counts.
    case wait
    /// Prepares a transfer without moving its data.
    case setup

    /// The role in lower case, as tables and files spell it.
    public var name: String { "\(self)" }
}
