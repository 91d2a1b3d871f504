import Timelines

extension RunAnalysis {
    /// All ranks' findings, the most valuable first. A finding of several ranks is one, worth the mean over all ranks.
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
            let ranks = "on \(findings.count) of \(count) ranks, most on rank \(most.rank ?? 0)"
            mean.evidence = ["\(ranks): \(milliseconds(most.time)) ms"] + most.evidence.map { "there \($0)" }
            return mean.share >= Finding.leastShare ? mean : nil
        }
    }

    /// The ranks that begin collectives last. Some rank is always last: only one that makes the others wait clearly
    /// longer than ranks do on average is a straggler.
    private var stragglers: [Finding] {
        let mean = waiting.reduce(0.0) { $0 + Double($1.causedWait) } / Double(max(1, waiting.count))
        guard let span = ranks.map(\.breakdown.span).max(), span > 0 else { return [] }
        return waiting.filter { Double($0.causedWait) > 1.5 * mean }.compactMap { rank in
            let time = rank.causedWait / Int64(max(1, ranks.count - 1))
            let share = Double(time) / Double(span)
            guard share >= Finding.leastShare else { return nil }
            return Finding(
                title: "rank \(rank.rank) begins collectives last, and the others wait for it", rank: nil, time: time,
                share: share, evidence: ["last in \(rank.stragglerCount) of \(collectives.count) matched collectives"])
        }
    }
}
