/// A small change of a rank's row. A change is drawn once, so that it can be applied to the same step of several
/// micro-batches.
enum OrderChange {
    /// A step moves by a distance.
    case move(by: Int)
    /// The previous step moves later by a distance.
    case movePrevious(by: Int)
    /// The nearest weight gradient up to the position moves later by a distance. If an unpaired full backward is
    /// nearer, it is split into an input gradient and a weight gradient instead.
    case deferWeights(by: Int)
    /// A pair is split, with its forward or its backward first, and its weight gradient moves later by a distance.
    case split(forwardFirst: Bool, weightsBy: Int)
    /// The weight gradient of a pair moves out of the pair or into it.
    case moveWeightsOfPair
    /// An unpaired forward or backward is paired with the nearest possible partner, or the second nearest, with or
    /// without its weight gradient.
    case pair(skipping: Int, takesWeights: Bool)

    /// Returns a random change for a position of a row. `isPair` says whether the position has a pair.
    static func drawn(atPair isPair: Bool, fillsWeights: Bool, _ random: inout SplitMix64) -> OrderChange {
        switch random.next(below: 8) {
        case 0, 1: return .move(by: -1)
        case 2: return .move(by: -2 - random.next(below: 8))
        case 3: return .movePrevious(by: 1 + random.next(below: 8))
        case 4: return .move(by: 1 + random.next(below: 8))
        case 5: return .deferWeights(by: random.next(below: 4) == 0 ? 1 << 30 : 1 + random.next(below: 24))
        default:
            guard isPair else { return .pair(skipping: random.next(below: 2), takesWeights: random.next(below: 4) > 0) }
            if fillsWeights, random.next(below: 4) == 0 { return .moveWeightsOfPair }
            return .split(forwardFirst: random.next(below: 2) == 0, weightsBy: 1 + random.next(below: 12))
        }
    }
}
