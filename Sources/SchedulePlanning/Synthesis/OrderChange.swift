/// A small change of a rank's row, drawn once, so that it can be made at the same step of one micro-batch after the
/// other.
enum OrderChange {
    /// A step moves by a distance.
    case move(by: Int)
    /// The step before moves behind by a distance.
    case movePrevious(by: Int)
    /// The last weight gradient up to the position, out of an unpaired full backward if need be, moves later by a
    /// distance.
    case deferWeights(by: Int)
    /// A pair is taken apart, the forward or the backward first, and its weight gradient moves by a distance.
    case split(forwardFirst: Bool, weightsBy: Int)
    /// A pair's weight gradient is taken out of it or into it.
    case moveWeightsOfPair
    /// An unpaired forward or backward is paired with the nearest that it can run beside, or the one after that, with
    /// or without its weight gradient.
    case pair(skipping: Int, takesWeights: Bool)

    /// A change for a position of a row that does or does not have a pair there.
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
