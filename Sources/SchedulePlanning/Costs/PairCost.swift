import Algorithms

/// How long an overlapped pair takes; copied out of the costs, so that loops need not look there.
struct PairCost: Sendable {
    private let saving: Double
    private let slowdown: Double

    init(_ costs: PipelineCosts) {
        saving = costs.overlapSaving
        slowdown = costs.overlapSlowdown ?? 0
    }

    /// The length of a forward and a backward, with its weight gradient where `isFull`, in one pair.
    @inline(__always) func length(_ forward: StageCosts, _ backward: StageCosts, isFull: Bool) -> Int64 {
        let backwardLength = isFull ? backward.backward : backward.inputGradient
        let sum = forward.forward + backwardLength
        if slowdown == 0 { return sum - Int64((Double(sum) * saving).rounded()) }
        let communication = forward.forwardCommunication + backward.backwardCommunication
        let bound = Int64((Double(max(sum - communication, communication)) * slowdown).rounded())
        return min(sum, max(bound, forward.forward, backwardLength))
    }

    /// The lengths of all pairs of a forward with a backward of the given stages, by index, and of their two actions in
    /// turn.
    func lengths(_ stages: [StageCosts]) -> [(forward: Int, backward: Int, isFull: Bool, length: Int64, sum: Int64)] {
        product(product(stages.indices, stages.indices), [true, false]).map { pair, isFull in
            let (forward, backward) = (stages[pair.0], stages[pair.1])
            let sum = forward.forward + (isFull ? backward.backward : backward.inputGradient)
            return (pair.0, pair.1, isFull, length(forward, backward, isFull: isFull), sum)
        }
    }

    /// The largest part of two stages' costs that a pair of them saves.
    func largestSaving(_ stages: [StageCosts]) -> Double {
        lengths(stages).reduce(0) { $1.sum > 0 ? max($0, 1 - Double($1.length) / Double($1.sum)) : $0 }
    }
}
