extension PairCost {
    /// The largest part of two stages' costs that a pair of them saves.
    func largestSaving(_ stages: [StageCosts]) -> Double {
        var saving = 0.0
        for forward in stages {
            for backward in stages {
                for isFull in [true, false] {
                    let sum = forward.forward + (isFull ? backward.backward : backward.inputGradient)
                    guard sum > 0 else { continue }
                    saving = max(saving, 1 - Double(length(forward, backward, isFull: isFull)) / Double(sum))
                }
            }
        }
        return saving
    }
}
