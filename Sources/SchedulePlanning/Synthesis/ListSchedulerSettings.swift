/// What the list scheduler is told to prefer; the search varies it.
struct ListSchedulerSettings: Hashable {
    /// The most activations that each rank may hold when a forward without a partner starts.
    var warmUps: [Int]
    /// How far a later chunk's forward is preferred, in micro-batches; negative for earlier chunks.
    var forwardDepth: Int
    /// The same for the backward of an earlier chunk.
    var backwardDepth: Int
    /// How long a forward waits for a backward that is on its way, to run as a pair.
    var forwardPatience: Int64
    /// How long a backward waits for a forward that is on its way.
    var backwardPatience: Int64
    /// Where it is above 0, forwards and backwards go through every chunk in groups of so many micro-batches, and the two
    /// depths count for nothing.
    var group = 0
    /// Whether a backward always waits for a forward while there are any, even one that nobody has begun to compute.
    var pairsStrictly = false
    /// Whether pairs are made.
    var overlaps: Bool
    /// Whether a weight gradient waits, too, where something else arrives before it would end.
    var yieldsWeights: Bool
    /// How much the choice among chunks is blurred, in micro-batches, and by which random numbers.
    var noise: Int = 0
    var seed: UInt64 = 0
}
