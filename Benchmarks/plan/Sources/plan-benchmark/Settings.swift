import PipelineSchedules
import SchedulePlanning

/// One seeded cost setting.
private struct Setting {
    let name: String
    let isHeterogeneous: Bool
    let ranks: Int
    let microbatches: Int
    let placement: PlacementFamily
    let costs: PipelineCosts
    let limit: Double

    init(index: Int) {
        var random = Random(state: UInt64(index) &* 7919 &+ 17)
        let kinds = ["unit", "measured-like", "heterogeneous"]
        name = kinds[index % 3]
        isHeterogeneous = index % 3 == 2
        ranks = [2, 4, 6, 8][random.next(4)]
        microbatches = ranks * [2, 3, 4, 8][random.next(4)]
        placement = [PlacementFamily.wave(chunks: 2), .interleaved(chunks: 2), .wave(chunks: 2)][random.next(3)]
        let base = 1_000_000.0
        let shares = index % 3 == 0 ? [1.0, 1, 1] : [1, 1 + 0.4 * random.unit(), 0.3 + 0.6 * random.unit()]
        let stageCount = ranks * placement.stagesPerRank
        var stages: [StageCosts] = []
        for _ in 0..<stageCount {
            let factor = isHeterogeneous ? 1 + 0.3 * (2 * random.unit() - 1) : 1
            stages.append(
                StageCosts(
                    forward: Int64(base * shares[0] * factor), inputGradient: Int64(base * shares[1] * factor),
                    weightGradient: Int64(base * shares[2] * factor)))
        }
        costs = PipelineCosts(
            stages: stages, overlapSaving: 0.45 * random.unit(), transfer: Int64(base * 0.5 * random.unit()))
        limit = Double(ranks + 1) * [0.5, 1, 1, 2][random.next(4)]
    }
}

private struct Random {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    mutating func unit() -> Double { Double(next(1 << 30)) / Double(1 << 30) }
}

/// Sixty seeded settings: the search against the best schedule with a name that fits, of any placement of two chunks.
func measureSettings(evaluations: Int) throws {
    print(
        "| # | kind | P | M | placement | saving % | transfer % of F | limit | best built-in | vs built-in % | gap % |")
    print("|---:|---|---:|---:|---|---:|---:|---:|---|---:|---:|")
    var gaps: [Double] = []
    var heterogeneousGains: [Double] = []
    var worse = 0
    var violations = 0
    for index in 0..<60 {
        let setting = Setting(index: index)
        var best: Synthesis?
        var builtIn: Synthesis.NamedTime?
        // The three rivals lie as a V or interleaved: the search may choose either, and so may they.
        for placement in [PlacementFamily.wave(chunks: 2), .interleaved(chunks: 2)] {
            var search = Synthesizer(
                ranks: setting.ranks, microbatches: setting.microbatches, placement: placement, costs: setting.costs)
            search.activationLimit = Int(setting.limit / placement.stageShare)
            search.evaluations = evaluations / 2
            guard let found = try? search.run() else { continue }
            if found.makespan < found.bound.time { violations += 1 }
            if found.makespan < best?.makespan ?? .max { best = found }
            if let named = found.bestBuiltIn, named.makespan < builtIn?.makespan ?? .max { builtIn = named }
        }
        guard let best else {
            print("| \(index) | \(setting.name) | nothing fits |")
            continue
        }
        let gain = builtIn.map { 100 * (1 - Double(best.makespan) / Double($0.makespan)) }
        if let gain {
            if gain < 0 { worse += 1 }
            if setting.isHeterogeneous { heterogeneousGains.append(gain) }
        }
        gaps.append(100 * best.gap)
        let cells = [
            "\(index)", setting.name, "\(setting.ranks)", "\(setting.microbatches)", best.schedule.name,
            text(100 * setting.costs.overlapSaving, 0), text(Double(setting.costs.transfer) / 1e4, 0),
            text(setting.limit, 1), builtIn?.name ?? "none fits", gain.map { text(-$0) } ?? "", text(100 * best.gap),
        ]
        print("| \(cells.joined(separator: " | ")) |")
    }
    gaps.sort()
    heterogeneousGains.sort()
    print(
        "\nworse than a built-in: \(worse); bound violated: \(violations); median gap: \(text(gaps[gaps.count / 2])) %; "
    )
    if !heterogeneousGains.isEmpty {
        print("median gain, heterogeneous: \(text(heterogeneousGains[heterogeneousGains.count / 2])) %")
    }
}
