import PipelineSchedules

/// How far a rank has come in a simulation: one line of a cache, as a thousand ranks run a few steps each, one after
/// the other.
struct RankProgress {
    /// The rank's row.
    let steps: UnsafeBufferPointer<Step>
    /// Room for the start of each step; nil where only the end counts.
    let starts: UnsafeMutablePointer<Int64>?
    /// The next step.
    var position = 0
    /// When the rank's last step ended.
    var free: Int64 = 0
    /// The cell that the rank waits for, twice, and 1 for a backward; -1 for nothing.
    var awaited = -1
    /// The rank below on the stack of those that can go on, or -1.
    var below: Int
    /// What reading ahead read: that it is kept makes the read happen.
    var readAhead: UInt64 = 0
}
