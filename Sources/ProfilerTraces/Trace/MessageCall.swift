/// A call of the host that sends to or receives from another rank: the operator `record_param_comms` of PyTorch.
package struct MessageCall: Hashable, Sendable {
    /// The message.
    package var message: Collective
    /// The interval in nanoseconds on the trace's own clock.
    package var interval: Range<Int64>
    /// The index of the thread that made the call.
    package var thread: Int32
}
