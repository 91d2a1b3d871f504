/// A doubt about the figures of one rank: a fault of its trace and the way in which the analysis treats the fault.
public struct TraceNote: Hashable, Sendable {
    /// The kinds of faults, in the order in which notes are shown.
    public enum Kind: Int, CaseIterable, Sendable {
        /// The file ends before its JSON text or its compressed stream does. The count is that of the rank's device
        /// events before the end.
        case truncated
        /// Events that cannot be read, which are left out.
        case unreadable
        /// Device events without a valid time, which are left out.
        case invalidTimes
        /// Device events with a duration of zero, which are left out.
        case emptyEvents
        /// Kernels that last over the start of the next one on their stream, at which they are clipped. The time is the
        /// part that was cut off.
        case clipped
        /// Graphs that were recorded as one block each, without their kernels.
        case graphBlocks
        /// Launches of graphs of which the trace has no kernel.
        case graphLaunches
        /// Idle time before work of which the trace has no launch, so that its cause is not known.
        case idleWithoutLaunch
        /// The trace has no work of a device.
        case noDeviceWork
        /// Several traces state the same rank, so that all are numbered in the order given.
        case renumbered
        /// Kernels that both compute and communicate, and count as computation.
        case fusedCommunication
        /// Collectives without a certain partner on the other ranks.
        case unmatchedCollectives
        /// Kernels that send or receive, of which the trace does not tell the peer.
        case messagesWithoutPeer
        /// Messages without a counterpart in the other traces.
        case messagesWithoutCounterpart
        /// Not all traces state their rank, so that all are numbered in the order given.
        case withoutRank
    }

    /// The kind of the fault.
    public var kind: Kind
    /// The number of events that the note concerns; 0 if it concerns the whole trace.
    public var count: Int
    /// The time that the note concerns, in nanoseconds; 0 if it concerns no time.
    public var time: Int64

    /// Creates a note.
    package init(_ kind: Kind, count: Int = 0, time: Int64 = 0) {
        self.kind = kind
        self.count = count
        self.time = time
    }
}
