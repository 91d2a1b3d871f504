public import LibTorch
import CLibTorch

/// A started operation of a process group.
public final class PendingWork {
    private let handle: OpaquePointer
    /// The tensors that the operation reads or writes, kept alive until it is done.
    private var tensors: [Tensor]
    /// The wait for the operation, as the rank publishes it.
    private let published: PublishedWait?

    init(handle: OpaquePointer, tensors: [Tensor], wait: PublishedWait?) {
        self.handle = handle
        self.tensors = tensors
        published = wait
    }

    deinit { ct_work_free(handle) }

    /// The time at which the operation completed, in nanoseconds of the machine's monotonic clock. nil before that, and
    /// for operations that do not report it, such as sends and receives.
    public var end: Int64? {
        let time = ct_work_end(handle)
        return time > 0 ? time : nil
    }

    /// Puts `mark` at the end of the operation. The end must be one that ``end`` reports, or that of an operation on a
    /// device, for which the current stream waits.
    package func markEnd(_ mark: Mark) throws(LibTorchError) { try check(ct_mark_end(mark.handle, handle)) }

    /// Waits until the operation is done.
    ///
    /// - Throws: `LibTorchError` if a peer exited or the time limit of the group passed. The group is then unusable.
    public func wait() throws(LibTorchError) {
        try published.during { () throws(LibTorchError) in
            try amongRanks { () throws(LibTorchError) in try check(ct_work_wait(handle)) }
        }
        tensors = []
    }
}
