import Timelines

extension PipelineAnalysis {
    /// One finding per phase that has a bubble. Its time is the mean bubble of all ranks.
    var findings: [Finding] { PipelinePhase.allCases.compactMap(finding) }

    private func finding(_ phase: PipelinePhase) -> Finding? {
        func bubble(_ rank: PipelineRank) -> PipelineBubble { rank.bubbles[phase.rawValue] }
        guard length > 0, let most = ranks.max(by: { bubble($0).total < bubble($1).total }) else { return nil }
        let sum = ranks.reduce(PipelineBubble()) { $0 + bubble($1) }
        let mean = sum.total / Int64(ranks.count)
        let share = Double(mean) / Double(length)
        guard share >= Finding.leastShare else { return nil }
        let parts = [("waiting for other stages", sum.waiting), ("transfer", sum.transfer), ("other", sum.other)]
            .filter { $0.1 > 0 }.map { "\(percentage(Double($0.1) / Double(max(1, sum.total)))) % \($0.0)" }
        return Finding(
            title: "pipeline bubble in the \(phase.name) phase", rank: nil, time: mean, share: share,
            evidence: [
                parts.joined(separator: ", "), "longest on rank \(most.rank): \(milliseconds(bubble(most).total)) ms",
            ])
    }
}
