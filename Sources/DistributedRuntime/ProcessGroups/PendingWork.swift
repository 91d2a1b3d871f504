public import LibTorch
import CLibTorch

/// An operation among processes that has been started.
public final class PendingWork {
    private let handle: OpaquePointer
    /// What the operation reads or writes, kept alive until it is done.
    private var tensors: [Tensor]

    init(handle: OpaquePointer, tensors: [Tensor]) {
        self.handle = handle
        self.tensors = tensors
    }

    deinit { ct_work_free(handle) }

    /// When the operation was over, in nanoseconds of the machine's monotonic clock; nil until then, and for sends and
    /// receives, which do not tell.
    public var end: Int64? {
        let time = ct_work_end(handle)
        return time > 0 ? time : nil
    }

    /// Waits until the operation is done.
    ///
    /// - Throws: `LibTorchError` where a peer has died or the group's time limit has passed; the group is unusable
    ///   then.
    public func wait() throws(LibTorchError) {
        try amongRanks { () throws(LibTorchError) in try check(ct_work_wait(handle)) }
        tensors = []
    }
}
