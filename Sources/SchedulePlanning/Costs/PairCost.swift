import PipelineSchedules

/// How long an overlapped pair takes; copied out of the costs, so that loops need not look there.
struct PairCost: Sendable {
    private let saving: Double
    private let slowdown: Double

    init(_ costs: PipelineCosts) {
        saving = costs.overlapSaving
        slowdown = costs.overlapSlowdown ?? 0
    }

    /// The length of a forward and a backward, with its weight gradient where `isFull`, in one pair.
    @inline(__always)
    func length(_ forward: StageCosts, _ backward: StageCosts, isFull: Bool) -> Int64 {
        let backwardLength = isFull ? backward.backward : backward.inputGradient
        let sum = forward.forward + backwardLength
        if slowdown == 0 { return sum - Int64((Double(sum) * saving).rounded()) }
        let communication = forward.forwardCommunication + backward.backwardCommunication
        let bound = Int64((Double(max(sum - communication, communication)) * slowdown).rounded())
        return min(sum, max(bound, forward.forward, backwardLength))
    }
}
