import CLibTorch

/// The transfers between the host and the device that the calling thread has made. On the CPU, the places count at which
/// a device would take part.
package struct HostTransfers: Hashable {
    /// The number of times that the thread has read a tensor. On a device, a read waits for the device.
    package var reads = 0
    /// The number of tensors that the thread has made of values of the host.
    package var uploads = 0
    /// The number of these tensors for which the thread waits if they are on a device.
    package var blockingUploads = 0

    package init(reads: Int = 0, uploads: Int = 0, blockingUploads: Int = 0) {
        self.reads = reads
        self.uploads = uploads
        self.blockingUploads = blockingUploads
    }

    /// Runs `body` and returns its result with the transfers that it makes.
    package static func counting<Result>(
        _ body: () throws -> Result
    ) rethrows -> (result: Result, transfers: HostTransfers) {
        let before = current
        let result = try body()
        let after = current
        let transfers = HostTransfers(
            reads: after.reads - before.reads, uploads: after.uploads - before.uploads,
            blockingUploads: after.blockingUploads - before.blockingUploads)
        return (result, transfers)
    }

    private static var current: HostTransfers {
        HostTransfers(
            reads: Int(ct_host_reads()), uploads: Int(ct_uploads()), blockingUploads: Int(ct_blocking_uploads()))
    }
}
