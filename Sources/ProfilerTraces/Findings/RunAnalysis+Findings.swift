import Timelines

extension RunAnalysis {
    /// The findings of all ranks, by the time that they would save at most, the largest first. The same finding on
    /// several ranks is one finding with the mean time over all ranks.
    public var findings: [Finding] {
        let own = ranks.map(\.findings)
        let all = stragglers + (pipeline?.findings ?? []) + (own.count == 1 ? own[0] : merged(own))
        return all.sorted { ($1.time, $0.title) < ($0.time, $1.title) }
    }

    private func merged(_ findingsOfRank: [[Finding]]) -> [Finding] {
        Dictionary(grouping: findingsOfRank.joined(), by: \.title).values.compactMap { findings in
            guard let most = findings.max(by: { ($0.time, $1.rank ?? 0) < ($1.time, $0.rank ?? 0) }) else { return nil }
            let count = ranks.count
            var mean = most
            mean.rank = nil
            mean.time = findings.reduce(0) { $0 + $1.time } / Int64(count)
            mean.share = findings.reduce(0) { $0 + $1.share } / Double(count)
            let rank = "rank \(most.rank ?? 0)"
            let ranks = "on \(findings.count) of \(count) ranks, longest on \(rank)"
            mean.evidence =
                ["\(ranks): \(milliseconds(most.time)) ms"] + most.evidence.map { "\(rank): \($0)" }
            return mean.share >= Finding.leastShare ? mean : nil
        }
    }

    /// The ranks that start collectives last.
    ///
    /// Some rank is always last, so a rank is a straggler only if the others wait for it more than 1.5 times as long as
    /// they wait for a rank on average.
    private var stragglers: [Finding] {
        let mean = waiting.reduce(0.0) { $0 + Double($1.causedWait) } / Double(max(1, waiting.count))
        guard let span = ranks.map(\.breakdown.span).max(), span > 0 else { return [] }
        return waiting.filter { Double($0.causedWait) > 1.5 * mean }.compactMap { rank in
            let time = rank.causedWait / Int64(max(1, ranks.count - 1))
            let share = Double(time) / Double(span)
            guard share >= Finding.leastShare else { return nil }
            return Finding(
                title: "rank \(rank.rank) starts collectives last and the other ranks wait for it", rank: nil,
                time: time, share: share,
                evidence: ["last in \(rank.stragglerCount) of \(collectives.count) matched collectives"])
        }
    }
}
