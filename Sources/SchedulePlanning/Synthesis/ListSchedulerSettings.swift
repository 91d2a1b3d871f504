/// The preferences of the list scheduler, which the search varies.
struct ListSchedulerSettings: Hashable {
    /// The number of live activations at which each rank starts no further unpaired forward.
    var warmUps: [Int]
    /// The preference for the forward of a later chunk, in micro-batches; negative for earlier chunks.
    var forwardDepth: Int
    /// The preference for the backward of an earlier chunk, in micro-batches; negative for later chunks.
    var backwardDepth: Int
    /// The time for which each rank's forward waits for a backward that is about to arrive, to run as a pair.
    var forwardPatience: [Int64]
    /// The time for which each rank's backward waits for a forward that is about to arrive. With `Int64.max`, the
    /// backward waits as long as the rank has forwards left, even if no rank has started to compute their input.
    var backwardPatience: [Int64]
    /// The number of each rank's first backwards that run unpaired and at once, so that the first micro-batches end
    /// early.
    var unpairedBackwards: [Int]
    /// The number of micro-batches that go through one chunk after another as a group; 0 for no groups. With groups,
    /// the two depths have no effect.
    var group = 0
    /// Whether forwards and backwards are paired.
    var overlaps: Bool
    /// Whether a weight gradient also waits if another input arrives before the weight gradient would end.
    var yieldsWeights: Bool
    /// Whether the schedule is built from its end to its start (``MirroredScheduler``).
    var isMirrored = false
    /// The amount of random noise in the choice among chunks, in micro-batches, and the seed of the noise.
    var noise: Int = 0
    var seed: UInt64 = 0
}
