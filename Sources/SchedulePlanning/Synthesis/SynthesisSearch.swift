import PipelineSchedules

/// The state of a search: the best schedule so far, and what has been tried.
struct SynthesisSearch {
    struct Found {
        let rows: [[Step]]
        let makespan: Int64
        let origin: String
    }

    private let request: Synthesizer
    private let chains: [Chain]
    private let limit: Int
    private var scheduler: ListScheduler
    private var random: SplitMix64
    private(set) var best: Found?
    private(set) var bestBuiltIn: Synthesis.NamedTime?
    private(set) var evaluations = 0
    private let hasSaving: Bool
    let bound: LowerBound

    init(_ request: Synthesizer) {
        self.request = request
        chains = request.placement.chains(ranks: request.ranks, microbatches: request.microbatches)
        let most = request.microbatches * request.placement.stagesPerRank
        limit = min(request.activationLimit ?? most, most)
        scheduler = ListScheduler(chains, rankCount: request.ranks, costs: request.costs, activationLimit: limit)
        random = SplitMix64(state: request.seed)
        hasSaving = request.allowsOverlap && PairCost(request.costs).largestSaving(request.costs.stages) > 0
        bound = request.lowerBound
    }

    private var isDone: Bool {
        evaluations >= request.evaluations || (best.map { $0.makespan <= bound.time } ?? false)
    }

    mutating func run(isCancelled: (_ best: Int64, _ evaluations: Int, _ bound: Int64) -> Bool) {
        tryBuiltIns()
        var ranked: [(settings: ListSchedulerSettings, makespan: Int64)] = []
        for settings in startingSettings() {
            if isDone || isCancelled(best?.makespan ?? .max, evaluations, bound.time) { return }
            if let makespan = evaluate(settings) { ranked.append((settings, makespan)) }
        }
        ranked.sort { $0.makespan < $1.makespan }
        // A few good starts of each kind share the first two thirds of what is left; the best order gets the rest.
        let starts =
            ranked.filter { $0.settings.group == 0 }.prefix(4) + ranked.filter { $0.settings.group > 0 }.prefix(1)
        let share = max((request.evaluations - evaluations) * 2 / 3 / max(starts.count, 1), 1)
        for start in starts {
            var current = start
            for _ in 0..<share {
                if isDone || isCancelled(best?.makespan ?? .max, evaluations, bound.time) { return }
                let settings = varied(current.settings)
                if let makespan = evaluate(settings), makespan <= current.makespan { current = (settings, makespan) }
            }
        }
        improveOrder(isCancelled: isCancelled)
    }

    private mutating func tryBuiltIns() {
        for builtIn in request.placement.builtIns {
            guard
                let schedule = try? builtIn.build(
                    ranks: request.ranks, microbatches: request.microbatches, chunks: request.placement.stagesPerRank),
                let report = try? schedule.validate(), (report.peakActivations.max() ?? 0) <= limit
            else { continue }
            let refined = WeightRefiner(schedule, costs: request.costs, activationLimit: limit).refined()
            for (candidate, isNamed) in [(schedule, true), (refined, false)] {
                if !request.allowsOverlap, candidate.rows.contains(where: { $0.contains(where: \.isOverlapped) }) {
                    continue
                }
                guard let simulation = try? Simulation(candidate, costs: request.costs) else { continue }
                evaluations += 1
                let makespan = simulation.makespan
                if isNamed, makespan < bestBuiltIn?.makespan ?? .max {
                    bestBuiltIn = Synthesis.NamedTime(name: schedule.name, makespan: makespan)
                }
                keep(candidate.rows, makespan, isNamed ? schedule.name : "\(schedule.name), weights moved")
            }
        }
    }

    private mutating func keep(_ rows: [[Step]], _ makespan: Int64, _ origin: String) {
        if makespan < best?.makespan ?? .max { best = Found(rows: rows, makespan: makespan, origin: origin) }
    }

    private mutating func evaluate(_ settings: ListSchedulerSettings) -> Int64? {
        evaluations += 1
        guard let made = scheduler.run(settings) else { return nil }
        keep(made.rows, made.makespan, "search")
        return made.makespan
    }

    private func startingSettings() -> [ListSchedulerSettings] {
        let ranks = request.ranks
        let chunks = request.placement.stagesPerRank
        let forward = request.costs.stages.map(\.forward).max() ?? 1
        var settings: [ListSchedulerSettings] = []
        for slope in [0, 1, 2] {
            for base in warmUpBases(chunks) {
                let warmUps = (0..<ranks).map { min(max(base + slope * (ranks - 1 - $0), 1), limit) }
                for depth in [0, ranks, 4 * ranks, -ranks] {
                    for patience in hasSaving ? [0, forward / 2, 2 * forward] : [0] {
                        settings.append(
                            ListSchedulerSettings(
                                warmUps: warmUps, forwardDepth: depth, backwardDepth: depth < 0 ? -depth : 0,
                                forwardPatience: patience, backwardPatience: patience, overlaps: hasSaving,
                                yieldsWeights: patience > 0))
                    }
                    guard hasSaving, slope == 0 else { continue }
                    // Pairs keep activations longer: where memory is scarce, lone actions may be faster.
                    settings.append(
                        ListSchedulerSettings(
                            warmUps: warmUps, forwardDepth: depth, backwardDepth: depth < 0 ? -depth : 0,
                            forwardPatience: 0, backwardPatience: 0, overlaps: false, yieldsWeights: false))
                }
            }
        }
        settings += groupedSettings(forward)
        var seen: Set<ListSchedulerSettings> = []
        return settings.filter { seen.insert($0).inserted }
    }

    /// The shapes of interleaved 1F1B with overlapped pairs, and the same with fewer forwards ahead.
    private func groupedSettings(_ forward: Int64) -> [ListSchedulerSettings] {
        let ranks = request.ranks
        let ahead = ranks * (request.placement.stagesPerRank - 1) + 1
        guard hasSaving else { return [] }
        var settings: [ListSchedulerSettings] = []
        for isStrict in [true, false] {
            for slope in [2.0, 1.6, 1.3, 1] {
                for base in [ahead, ahead + 1, ahead - 1] {
                    let warmUps = (0..<ranks).map {
                        min(max(base + Int((slope * Double(ranks - 1 - $0)).rounded()), 1), limit)
                    }
                    for yields in [true, false] {
                        settings.append(
                            ListSchedulerSettings(
                                warmUps: warmUps, forwardDepth: 0, backwardDepth: 0, forwardPatience: 0,
                                backwardPatience: 2 * forward, group: ranks, pairsStrictly: isStrict, overlaps: true,
                                yieldsWeights: yields))
                    }
                }
            }
        }
        return settings
    }

    private func warmUpBases(_ chunks: Int) -> [Int] {
        let ranks = request.ranks
        return [1, ranks * (chunks - 1) + 1, ranks * (chunks - 1) + 2, ranks * chunks, limit]
    }

    private mutating func varied(_ settings: ListSchedulerSettings) -> ListSchedulerSettings {
        var settings = settings
        let forward = max(request.costs.stages.map(\.forward).max() ?? 1, 1)
        for _ in 0...random.next(below: 2) {
            switch random.next(below: 8) {
            case 0...3:
                let rank = random.next(below: request.ranks)
                let change = random.next(below: 5) - 2
                settings.warmUps[rank] = min(max(settings.warmUps[rank] + change, 1), limit)
            case 4:
                let change = random.next(below: 3) - 1
                settings.warmUps = settings.warmUps.map { min(max($0 + change, 1), limit) }
            case 5:
                if settings.group > 0 { settings.pairsStrictly.toggle() }
                settings.forwardDepth = random.next(below: 4 * request.ranks) - request.ranks
                settings.backwardDepth = random.next(below: 4 * request.ranks) - request.ranks
            case 6:
                settings.forwardPatience = forward * Int64(random.next(below: 9)) / 4
                settings.backwardPatience = forward * Int64(random.next(below: 9)) / 4
            case 7 where hasSaving && random.next(below: 3) == 0:
                settings.overlaps.toggle()
            default:
                settings.yieldsWeights.toggle()
                settings.noise = random.next(below: 3)
                settings.seed = random.next()
            }
        }
        return settings
    }

    private mutating func improveOrder(isCancelled: (_ best: Int64, _ evaluations: Int, _ bound: Int64) -> Bool) {
        guard let start = best else { return }
        var search = OrderSearch(
            start.rows, makespan: start.makespan, layout: StageLayout(chains), costs: request.costs,
            activationLimit: limit, allowsOverlap: request.allowsOverlap)
        while !isDone, !isCancelled(best?.makespan ?? .max, evaluations, bound.time) {
            evaluations += 1
            if search.tryChange(&random), search.makespan < best?.makespan ?? .max {
                keep(search.rows, search.makespan, "search")
            }
        }
    }
}
