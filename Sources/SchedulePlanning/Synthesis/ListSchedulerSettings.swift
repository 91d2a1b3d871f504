/// The preferences of the list scheduler, which the search varies.
struct ListSchedulerSettings: Hashable {
    /// The most activations that each rank may hold when a forward without a partner starts.
    var warmUps: [Int]
    /// How far a later chunk's forward is preferred, in micro-batches; negative for earlier chunks.
    var forwardDepth: Int
    /// The same for the backward of an earlier chunk.
    var backwardDepth: Int
    /// How long each rank's forward waits for a backward that is on its way, to run as a pair.
    var forwardPatience: [Int64]
    /// How long each rank's backward waits for a forward that is on its way; `Int64.max` for as long as there are any,
    /// even one that no rank has begun to compute.
    var backwardPatience: [Int64]
    /// How many of each rank's first backwards run unpaired and at once, so that the first micro-batches end early.
    var unpairedBackwards: [Int]
    /// If it is above 0, forwards and backwards go through every chunk in groups of so many micro-batches, and the two
    /// depths count for nothing.
    var group = 0
    /// Whether pairs are made.
    var overlaps: Bool
    /// Whether a weight gradient waits, too, where something else arrives before it would end.
    var yieldsWeights: Bool
    /// Whether the schedule is made from its end to its start (``MirroredScheduler``).
    var isMirrored = false
    /// How much the choice among chunks is blurred, in micro-batches, and by which random numbers.
    var noise: Int = 0
    var seed: UInt64 = 0
}
