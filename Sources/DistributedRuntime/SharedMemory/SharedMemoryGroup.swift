package import LibTorch
import CLibTorch

/// A group of one machine's CPUs whose members exchange tensors in memory that all of them see: all-gathers and all-to-alls.
///
/// An exchange takes two copies, and no thread beside its members'. It begins when a member leaves what it sends and is over
/// when that member, waiting, has taken what the others left for it. Members start exchanges in one order.
package final class SharedMemoryGroup: ProcessGroup {
    /// The most bytes that a member can send in an exchange.
    package let capacity: Int

    private init(handle: OpaquePointer, rank: Int, size: Int, capacity: Int) {
        self.capacity = capacity
        super.init(handle: handle, rank: rank, size: size, hasTags: false)
    }

    /// Makes the group of those who are in `group`; every member calls it.
    ///
    /// - Parameters:
    ///   - slots: How many exchanges have room. Who starts one waits until all others have taken what lay in its place, so
    ///     that it has to be at least the number of exchanges that one waits for whatever else its members wait for.
    ///   - capacity: The most bytes that a member can send in an exchange; memory is taken for what is sent.
    ///   - timeoutMilliseconds: After which a wait gives up.
    /// - Returns: nil, to all members, where they do not see each other's memory.
    package static func rendezvous(
        in group: ProcessGroup, slots: Int, capacity: Int, timeoutMilliseconds: Int
    ) throws(LibTorchError) -> SharedMemoryGroup? {
        let bytes = ct_shared_region_size(Int32(group.size), Int64(slots), Int64(capacity))
        guard let regions = try SharedMemoryTensors.rendezvous(in: group, count: Int(bytes), .bool)?.members else {
            return nil
        }
        let handles = regions.map { Optional($0.handle) }
        let handle = try withExtendedLifetime(regions) { () throws(LibTorchError) in
            try made {
                ct_shared_group_new(
                    handles, Int32(group.size), Int32(group.rank), Int64(slots), Int64(capacity),
                    Int64(timeoutMilliseconds), &$0)
            }
        }
        return SharedMemoryGroup(handle: handle, rank: group.rank, size: group.size, capacity: capacity)
    }
}
