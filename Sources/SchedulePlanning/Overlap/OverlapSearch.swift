/// A search through the states of a plan, level by level; a level is how many segments of both sequences have run.
///
/// A step takes the next segment of the forward or of the backward. Weight gradients run only while that segment would wait: one
/// that runs while the segment is ready may as well be swapped with it. They fill the wait without exceeding it, or with
/// one more; fewer gain nothing. In a cell, where the same segments have run, one state stands for another where it is nowhere
/// later. Dropped are states that cannot come below the best makespan known and, where a cell is full, the one that
/// promises the least; where none is dropped for that, nothing better exists.
struct OverlapSearch {
    /// The best order and what it takes; nil where none was found below the makespan given.
    private(set) var found: (order: [OverlapPlan.Pass], makespan: Int64)?
    /// Whether nothing was dropped for want of room or effort.
    private(set) var isExact = true
    /// How many states were looked at.
    private(set) var effort = 0

    /// Searches.
    ///
    /// - Parameters:
    ///   - makespan: What is to be undercut.
    ///   - width: How many states a cell holds.
    ///   - effortLimit: How many states to look at before giving up.
    /// - Complexity: O(forward segments · backward segments · width²).
    init(_ tables: OverlapTables, below makespan: Int64, width: Int, effortLimit: Int) {
        let slots = tables.forward.slotCount + tables.backward.slotCount
        let cells = min(tables.forward.count, tables.backward.count) + 1
        let capacity = (cells * width + 1) * OverlapBeam.stride(slots: slots)
        let memory = UnsafeMutablePointer<Int64>.allocate(capacity: 2 * capacity)
        defer { memory.deallocate() }
        tables.withPointers { pointers in
            var beam = OverlapBeam(
                pointers, current: memory, next: memory + capacity, below: makespan, width: width,
                effortLimit: effortLimit)
            found = beam.run()
            isExact = beam.isExact
            effort = beam.effort
        }
    }
}
