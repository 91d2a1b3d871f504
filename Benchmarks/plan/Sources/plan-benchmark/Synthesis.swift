import PipelineSchedules
import SchedulePlanning

/// Returns the costs of DeepSeek-V3's forward-backward pair on H800 for a placement: per rank, forward 35.9 + 61.5 ms,
/// input gradient 58.6 + 53.0 ms, weight gradient 23.7 ms; the pair takes 129.0 ms.
func deepSeekCosts(_ placement: PlacementFamily) -> PipelineCosts {
    CostPreset.deepSeekV3H800.costs.divided(by: 1 / placement.stageShare)
}

/// Measures the excess of each placement's best schedule over fully overlapped work at DeepSeek-V3's proportions, and
/// the results of the search at first and after one second.
func measureDeepSeek(evaluations: Int?) throws {
    print(
        "| placement | activations ≤ | best built-in | above work % | synthesized % | bound % | gap % | first answer s | "
            + "first answer % | after 1 s % | all s |"
    )
    print("|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    let (ranks, microbatches) = (8, 64)
    let placements: [PlacementFamily] = [
        .linear, .wave(chunks: 2), .bidirectional, .interleaved(chunks: 2), .wave(chunks: 4), .interleaved(chunks: 4),
    ]
    for placement in placements {
        for limit in [9.0, 18.0] {
            let costs = deepSeekCosts(placement)
            var search = Synthesizer(ranks: ranks, microbatches: microbatches, placement: placement, costs: costs)
            search.activationLimit = Int(limit / placement.stageShare)
            search.evaluations = evaluations
            let clock = ContinuousClock()
            let start = clock.now
            var first: (seconds: Double, makespan: Int64)?
            var early: Int64 = .max
            let found = try search.run { best, _, _ in
                guard best < .max else { return false }
                let seconds = (clock.now - start) / .seconds(1)
                if first == nil { first = (seconds, best) }
                if seconds < 1 { early = best }
                return false
            }
            let seconds = (clock.now - start) / .seconds(1)
            let pair = costs.pairLength(forwardStage: 0, backwardStage: 0)
            let work =
                Double(microbatches * placement.stagesPerRank) * Double(pair)
                / (placement == .bidirectional ? 2 : 1)
            func above(_ time: Int64) -> String { text(100 * (Double(time) / work - 1)) }
            let cells = [
                placement.name, text(limit, 0), found.bestBuiltIn?.name ?? "none fits",
                found.bestBuiltIn.map { above($0.makespan) } ?? "", above(found.makespan), above(found.bound.time),
                text(100 * found.gap), first.map { text($0.seconds, 3) } ?? "", first.map { above($0.makespan) } ?? "",
                early == .max ? "" : above(early), text(seconds, 1),
            ]
            print("| \(cells.joined(separator: " | ")) |")
        }
    }
}
