package import LibTorch
import CLibTorch

/// A group of CPU ranks of one machine that performs all-gathers and all-to-alls in shared memory.
///
/// An exchange takes two copies and needs no thread besides those of its members. When a member starts an exchange, it
/// copies the bytes it sends into its region of shared memory. When it waits for the exchange, it copies its parts from
/// the regions of the others. All members start exchanges in the same order.
package final class SharedMemoryGroup: ProcessGroup {
    /// The maximum bytes that a member can send per exchange.
    package let capacity: Int

    private init(handle: OpaquePointer, rank: Int, size: Int, capacity: Int) {
        self.capacity = capacity
        super.init(handle: handle, rank: rank, size: size, hasTags: false)
    }

    /// Creates a group with the members of `group`. Every member must call this method.
    ///
    /// - Parameters:
    ///   - slots: The number of exchanges that fit into shared memory. A member that starts an exchange waits until all
    ///     others have finished the previous exchange in the same slot. There must be at least as many slots as a
    ///     member has exchanges in flight, or members could wait for each other.
    ///   - capacity: The maximum bytes that a member can send per exchange. Only bytes that are sent take memory.
    ///   - timeoutMilliseconds: The time limit of a wait.
    /// - Returns: nil, to all members, if they cannot map each other's memory.
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
                    handles, group.worldRanks.map(Int32.init), Int32(group.size), Int32(group.rank), Int64(slots),
                    Int64(capacity),
                    Int64(timeoutMilliseconds), &$0)
            }
        }
        let shared = SharedMemoryGroup(handle: handle, rank: group.rank, size: group.size, capacity: capacity)
        shared.waits = group.waits
        return shared
    }
}
