import PipelineSchedules

/// The progress of a rank in a simulation. It fits into one cache line, because a simulation of a thousand ranks
/// switches to another rank after every few steps.
struct RankProgress {
    /// The rank's row.
    let steps: UnsafeBufferPointer<Step>
    /// Memory for the start of each step; nil if only the end is needed.
    let starts: UnsafeMutablePointer<Int64>?
    /// The index of the next step.
    var position = 0
    /// The end of the rank's last step.
    var free: Int64 = 0
    /// Twice the index of the cell that the rank waits for, plus 1 for a backward; -1 if the rank waits for nothing.
    var awaited = -1
    /// The next rank down on the stack of ranks that can continue, or -1.
    var below: Int
    /// The bits of prefetched steps. Storing them keeps the reads from being optimized away.
    var readAhead: UInt64 = 0
}
