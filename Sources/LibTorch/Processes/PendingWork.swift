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

    deinit {
        ct_work_free(handle)
    }

    /// Waits until the operation is done.
    ///
    /// - Throws: ``LibTorchError`` where a peer has died or the group's time limit has passed; the group is unusable
    ///   then.
    public func wait() throws(LibTorchError) {
        try check(ct_work_wait(handle))
        tensors = []
    }
}
