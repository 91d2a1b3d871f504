import PipelineSchedules
import SchedulePlanning

/// A seeded setting of costs with two chunks per rank.
struct Setting {
    let kind: Kind
    let ranks: Int
    let microbatches: Int
    let costs: PipelineCosts
    /// The maximum of live activations per rank, in units of one micro-batch through the rank's share of the model.
    let limit: Double

    enum Kind: String, CaseIterable {
        case unit, measured = "measured-like", heterogeneous
    }

    init(index: Int) {
        var random = SeededNumbers(seed: UInt64(index))
        kind = Kind.allCases[index % 3]
        ranks = [2, 4, 6, 8][random.next(below: 4)]
        microbatches = ranks * [2, 3, 4, 8][random.next(below: 4)]
        let base = 1_000_000.0
        let shares = kind == .unit ? [1.0, 1, 1] : [1, 1 + 0.4 * random.nextUnit(), 0.3 + 0.6 * random.nextUnit()]
        var stages: [StageCosts] = []
        for _ in 0..<2 * ranks {
            let factor = kind == .heterogeneous ? 1 + 0.3 * (2 * random.nextUnit() - 1) : 1
            stages.append(
                StageCosts(
                    forward: Int64(base * shares[0] * factor), inputGradient: Int64(base * shares[1] * factor),
                    weightGradient: Int64(base * shares[2] * factor)))
        }
        costs = PipelineCosts(
            stages: stages, overlapSaving: 0.45 * random.nextUnit(), transfer: Int64(base * 0.5 * random.nextUnit()))
        limit = Double(ranks + 1) * [0.5, 1, 1, 2][random.next(below: 4)]
    }

    func search(_ placement: PlacementFamily, evaluations: Int?) -> Synthesizer {
        var search = Synthesizer(ranks: ranks, microbatches: microbatches, placement: placement, costs: costs)
        search.activationLimit = Int(limit / placement.stageShare)
        search.evaluations = evaluations
        return search
    }
}

/// Measures the search in sixty seeded settings against the best built-in schedule of two chunks that fits.
///
/// Built-in schedules are V-shaped or interleaved. The search uses both placements. If stages differ, it also assigns
/// stages to ranks; the result without that is a column of its own.
func measureSettings(evaluations: Int?) throws {
    print(
        "| # | kind | P | M | saving % | transfer % of F | limit | best built-in | step vs built-in %, same placements "
            + "| step vs built-in % | placement | gap % |")
    print("|---:|---|---:|---:|---:|---:|---:|---|---:|---:|---|---:|")
    var gaps: [Double] = []
    var gapsByLimit: [Double: [Double]] = [:]
    var gains: [Setting.Kind: [Double]] = [:]
    var placedGains: [Double] = []
    var (worse, violations) = (0, 0)
    for index in 0..<60 {
        let setting = Setting(index: index)
        var placed: Synthesis?
        var builtIn: Synthesis.NamedTime?
        for placement in [PlacementFamily.wave(chunks: 2), .interleaved(chunks: 2)] {
            guard let found = try? setting.search(placement, evaluations: evaluations).run() else { continue }
            if found.makespan < found.bound.time { violations += 1 }
            if found.makespan < placed?.makespan ?? .max { placed = found }
            if let named = found.bestBuiltIn, named.makespan < builtIn?.makespan ?? .max { builtIn = named }
        }
        var best = placed
        if setting.kind == .heterogeneous {
            var search = setting.search(.wave(chunks: 2), evaluations: evaluations)
            search.assignStages()
            if let found = try? search.run() {
                if found.makespan < found.bound.time { violations += 1 }
                if found.makespan < best?.makespan ?? .max { best = found }
            }
        }
        guard let best, let placed else {
            print("| \(index) | \(setting.kind.rawValue) | nothing fits |")
            continue
        }
        func gain(_ found: Synthesis) -> Double? {
            builtIn.map { 100 * (1 - Double(found.makespan) / Double($0.makespan)) }
        }
        if let bestGain = gain(best), let placedGain = gain(placed) {
            if bestGain < 0 { worse += 1 }
            gains[setting.kind, default: []].append(bestGain)
            if setting.kind == .heterogeneous { placedGains.append(placedGain) }
        }
        gaps.append(100 * best.gap)
        gapsByLimit[setting.limit / Double(setting.ranks + 1), default: []].append(100 * best.gap)
        let cells = [
            "\(index)", setting.kind.rawValue, "\(setting.ranks)", "\(setting.microbatches)",
            text(100 * setting.costs.overlapSaving, 0), text(Double(setting.costs.transfer) / 1e4, 0),
            text(setting.limit, 1), builtIn?.name ?? "none fits", gain(placed).map { text(-$0) } ?? "",
            gain(best).map { text(-$0) } ?? "", best.schedule.name.replacing("Synthesized ", with: ""),
            text(100 * best.gap),
        ]
        print("| \(cells.joined(separator: " | ")) |")
    }
    print("\nWorse than a built-in: \(worse). Bound violated: \(violations). Median gap: \(text(median(gaps))) %.")
    for (part, gaps) in gapsByLimit.sorted(by: { $0.key < $1.key }) {
        print("Median gap at \(text(part, 1)) (P+1) activations: \(text(median(gaps))) % of \(gaps.count) settings.")
    }
    for kind in Setting.Kind.allCases {
        print("Median gain, \(kind.rawValue): \(text(median(gains[kind] ?? []))) %.")
    }
    print("Median gain, heterogeneous, on the placements of the built-ins: \(text(median(placedGains))) %.")
}

private func median(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.sorted()[values.count / 2]
}
