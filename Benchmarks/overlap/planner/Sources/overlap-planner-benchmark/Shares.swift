import SchedulePlanning

/// Measures the gain of planned overlaps at given shares of exchanges, for four layers per chunk.
func measureShares(sets: Int) throws {
    print(
        "\n| exchanges, % of a chunk | weights | sets | shorter than sequential, median % | least % | hidden, median % | least % |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|")
    for share in [0.3, 0.4, 0.5] {
        for defersWeights in [false, true] {
            var shorter: [Double] = []
            var hidden: [Double] = []
            for seed in 0..<sets {
                let problem = try SampleOverlapProblems.experts(
                    seed: seed, layers: 4, communicationShare: share, defersWeights: defersWeights)
                let overlapped = try OverlapSimulation(OverlapPlanner().plan(problem).plan, of: problem)
                let sequential = try OverlapSimulation(.sequential(problem), of: problem)
                shorter.append(100 * (1 - Double(overlapped.makespan) / Double(sequential.makespan)))
                hidden.append(100 * (overlapped.hiddenShare ?? 1))
            }
            let cells = [
                text(100 * share, 0), defersWeights ? "apart" : "within", "\(sets)", text(median(shorter), 1),
                text(shorter.min() ?? 0, 1), text(median(hidden), 1), text(hidden.min() ?? 0, 1),
            ]
            print("| \(cells.joined(separator: " | ")) |")
        }
    }
}
