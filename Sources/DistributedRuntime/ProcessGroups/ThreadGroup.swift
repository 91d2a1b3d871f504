import CLibTorch
package import LibTorch

/// A process group of ranks that are threads of one process and share a device.
///
/// A rank copies what it sends, and the receiver copies it on a stream of its own when it waits for it. Sends and
/// receives are matched by tag, as in ``GlooGroup``.
package final class ThreadGroup: ProcessGroup {
    /// Creates a group. Waits for all members.
    ///
    /// - Parameters:
    ///   - name: The name that all members give, and that no other group of the process has.
    ///   - rank: The rank of this thread in the group.
    ///   - ranks: The ranks of the group's members in the world.
    ///   - timeoutMilliseconds: The time limit of a wait.
    package init(name: String, rank: Int, ranks: [Int], timeoutMilliseconds: Int) throws(LibTorchError) {
        let handle = try made {
            ct_thread_group_new(
                name, ranks.map(Int32.init), Int32(rank), Int32(ranks.count), Int64(timeoutMilliseconds), &$0)
        }
        super.init(handle: handle, rank: rank, size: ranks.count, hasTags: true)
    }
}
