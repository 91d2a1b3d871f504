import Algorithms

/// The length of overlapped pairs. The numbers are copied out of the costs, so that inner loops do not read the costs.
struct PairCost: Sendable {
    private let saving: Double
    private let slowdown: Double

    init(_ costs: PipelineCosts) {
        saving = costs.overlapSaving
        slowdown = costs.overlapSlowdown ?? 0
    }

    /// Returns the length of a pair of a forward and a backward, with its weight gradient if `isFull`.
    @inline(__always) func length(_ forward: StageCosts, _ backward: StageCosts, isFull: Bool) -> Int64 {
        let backwardLength = isFull ? backward.backward : backward.inputGradient
        let sum = forward.forward + backwardLength
        if slowdown == 0 { return sum - Int64((Double(sum) * saving).rounded()) }
        let communication = forward.forwardCommunication + backward.backwardCommunication
        let bound = Int64((Double(max(sum - communication, communication)) * slowdown).rounded())
        return min(sum, max(bound, forward.forward, backwardLength))
    }

    /// Returns the length of every pair of a forward and a backward of the given stages, by index, and the sum of its
    /// two actions' lengths.
    func lengths(_ stages: [StageCosts]) -> [(forward: Int, backward: Int, isFull: Bool, length: Int64, sum: Int64)] {
        product(product(stages.indices, stages.indices), [true, false]).map { pair, isFull in
            let (forward, backward) = (stages[pair.0], stages[pair.1])
            let sum = forward.forward + (isFull ? backward.backward : backward.inputGradient)
            return (pair.0, pair.1, isFull, length(forward, backward, isFull: isFull), sum)
        }
    }

    /// Returns the largest fraction of its two actions' costs that a pair of the given stages saves.
    func largestSaving(_ stages: [StageCosts]) -> Double {
        lengths(stages).reduce(0) { $1.sum > 0 ? max($0, 1 - Double($1.length) / Double($1.sum)) : $0 }
    }
}
