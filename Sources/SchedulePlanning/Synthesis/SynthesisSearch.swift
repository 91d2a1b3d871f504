import PipelineSchedules

/// The state of a search: the best schedule so far and the orders that led to it.
struct SynthesisSearch {
    struct Found {
        let rows: [[Step]]
        let makespan: Int64
        let origin: String
    }

    typealias Cancellation = (_ best: Int64, _ evaluations: Int, _ bound: Int64) -> Bool
    private typealias Start = (settings: ListSchedulerSettings, makespan: Int64)

    private let request: Synthesizer
    private let chains: [Chain]
    private let limit: Int
    private var scheduler: ListScheduler
    private var mirroredScheduler: MirroredScheduler
    private var random: SplitMix64
    private(set) var best: Found?
    /// The last few best orders of the attempt, the best one last.
    private var leaders: [Found] = []
    private static let leaderCount = 3
    private(set) var bestBuiltIn: Synthesis.NamedTime?
    private(set) var evaluations = 0
    /// The number of evaluations after which the attempt ends.
    private var endOfAttempt = 0
    private static let shortestAttempt = 20_000
    private var wasCancelled = false
    private let settingsSpace: SettingsSpace
    let bound: LowerBound

    init(_ request: Synthesizer) {
        self.request = request
        chains = request.placement.chains(ranks: request.ranks, microbatches: request.microbatches)
        let most = request.microbatches * request.placement.stagesPerRank
        limit = min(request.activationLimit ?? most, most)
        scheduler = ListScheduler(chains, rankCount: request.ranks, costs: request.costs, activationLimit: limit)
        mirroredScheduler = MirroredScheduler(
            chains, rankCount: request.ranks, costs: request.costs, activationLimit: limit)
        random = SplitMix64(state: request.seed)
        let hasSaving = request.allowsOverlap && PairCost(request.costs).largestSaving(request.costs.stages) > 0
        settingsSpace = SettingsSpace(
            ranks: request.ranks, stagesPerRank: request.placement.stagesPerRank, activationLimit: limit,
            forward: request.costs.stages.map(\.forward).max() ?? 1, hasSaving: hasSaving)
        bound = request.lowerBound
    }

    private var isDone: Bool { evaluations >= endOfAttempt || (best.map { $0.makespan <= bound.time } ?? false) }

    /// Returns whether the attempt is over or the search is cancelled. After it is cancelled, `isCancelled` is not
    /// called again.
    private mutating func mustStop(_ isCancelled: Cancellation) -> Bool {
        if isDone { return true }
        if !wasCancelled { wasCancelled = isCancelled(best?.makespan ?? .max, evaluations, bound.time) }
        return wasCancelled
    }

    /// Runs one attempt if there are few evaluations for the size of the pipeline, and otherwise several with different
    /// starts. The result of an attempt depends on chance, most of all in small pipelines with little memory.
    mutating func run(isCancelled: Cancellation) {
        let cells = chains.reduce(0) { $0 + $1.stages.count * $1.microbatchCount }
        let attempts = max(request.evaluationCount / max(Self.shortestAttempt, 40 * cells), 1)
        endOfAttempt = request.evaluationCount / attempts
        tryBuiltIns()
        var ranked: [Start] = []
        for settings in settingsSpace.starting() {
            if mustStop(isCancelled) { return }
            if let makespan = evaluate(settings) { ranked.append((settings, makespan)) }
        }
        ranked.sort { $0.makespan < $1.makespan }
        // A few good starts of each kind.
        var starts =
            ranked.filter { $0.settings.group == 0 && !$0.settings.isMirrored }.prefix(3)
            + ranked.filter { $0.settings.group > 0 }.prefix(1) + ranked.filter(\.settings.isMirrored).prefix(2)
        for _ in 0..<attempts {
            search(from: Array(starts), isCancelled: isCancelled)
            if wasCancelled || ranked.isEmpty { return }
            endOfAttempt += request.evaluationCount / attempts
            leaders = []
            starts = ArraySlice((0..<starts.count).map { _ in ranked[random.next(below: min(ranked.count, 40))] })
        }
    }

    /// Varies the settings of the starts, which share a sixth of the evaluations left in the attempt. The best orders
    /// get the rest.
    private mutating func search(from starts: [Start], isCancelled: Cancellation) {
        let share = max((endOfAttempt - evaluations) / 6 / max(starts.count, 1), 1)
        var pool = leaders.map { WeightFiller.order($0.rows) }
        for start in starts {
            var current = start
            for _ in 0..<share {
                if mustStop(isCancelled) { return }
                let settings = settingsSpace.varied(current.settings, &random)
                if let makespan = evaluate(settings), makespan <= current.makespan { current = (settings, makespan) }
            }
            if let made = self.made(current.settings) { pool.append(WeightFiller.order(made.rows)) }
        }
        crossOrders(pool, isCancelled: isCancelled)
        improveOrders(isCancelled: isCancelled)
    }

    /// Tries the head of each order with the tail of each other order.
    private mutating func crossOrders(_ pool: [[[Step]]], isCancelled: Cancellation) {
        let layout = StageLayout(chains)
        let crossing = OrderCrossing(layout, rankCount: request.ranks)
        var filler = WeightFiller(layout, rankCount: request.ranks, costs: request.costs, activationLimit: limit)
        var loop = SimulationLoop(layout, costs: request.costs, rankCount: request.ranks)
        for head in pool {
            for tail in pool where tail != head {
                for part in [0.35, 0.5, 0.65] {
                    if mustStop(isCancelled) { return }
                    evaluations += 1
                    if let made = filler.completed(crossing.crossed(head, tail, at: part), timedBy: &loop) {
                        keep(made.rows, made.makespan, "search")
                    }
                }
            }
        }
    }

    private mutating func tryBuiltIns() {
        for builtIn in request.placement.builtIns {
            guard
                let schedule = try? builtIn.build(
                    ranks: request.ranks, microbatches: request.microbatches, chunks: request.placement.stagesPerRank),
                let report = try? schedule.validate(), (report.peakActivations.max() ?? 0) <= limit
            else { continue }
            var refined = schedule
            var filler = WeightFiller(
                StageLayout(schedule.chains), rankCount: request.ranks, costs: request.costs, activationLimit: limit,
                minimumFill: 0)
            refined.rows = filler.filled(WeightFiller.order(schedule.rows)) ?? schedule.rows
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
                keep(candidate.rows, makespan, isNamed ? schedule.name : "\(schedule.name), weight gradients moved")
            }
        }
    }

    private mutating func keep(_ rows: [[Step]], _ makespan: Int64, _ origin: String) {
        guard makespan < leaders.last?.makespan ?? .max else { return }
        let found = Found(rows: rows, makespan: makespan, origin: origin)
        if makespan < best?.makespan ?? .max { best = found }
        leaders.append(found)
        if leaders.count > Self.leaderCount { leaders.removeFirst() }
    }

    private mutating func evaluate(_ settings: ListSchedulerSettings) -> Int64? {
        evaluations += 1
        guard let made = self.made(settings) else { return nil }
        keep(made.rows, made.makespan, "search")
        return made.makespan
    }

    private mutating func made(_ settings: ListSchedulerSettings) -> (rows: [[Step]], makespan: Int64)? {
        settings.isMirrored ? mirroredScheduler.run(settings) : scheduler.run(settings)
    }

    /// Improves the leaders. Each gets a tenth of the evaluations left, without its unpaired weight gradients. The best
    /// result then gets two fifths in two rounds. The best order with its weight gradients gets the rest, in three
    /// rounds that each begin with the best.
    private mutating func improveOrders(isCancelled: Cancellation) {
        let budget = endOfAttempt - evaluations
        var orders: (rows: [[Step]], makespan: Int64)?
        for start in leaders.reversed() {
            let found = improve(
                WeightFiller.order(start.rows), budget / 10, fillsWeights: true, isCancelled: isCancelled)
            if found.makespan < orders?.makespan ?? .max { orders = found }
        }
        for _ in 0..<2 {
            guard let current = orders else { break }
            let found = improve(current.rows, budget / 5, fillsWeights: true, isCancelled: isCancelled)
            if found.makespan < current.makespan { orders = found }
        }
        for roundsLeft in [3, 2, 1] {
            guard let best = leaders.last else { return }
            let share = (endOfAttempt - evaluations) / roundsLeft
            _ = improve(best.rows, share, fillsWeights: false, isCancelled: isCancelled)
        }
    }

    /// Searches from an order and returns the best order found.
    private mutating func improve(
        _ rows: [[Step]], _ share: Int, fillsWeights: Bool, isCancelled: Cancellation
    ) -> (rows: [[Step]], makespan: Int64) {
        var search = OrderSearch(
            rows, layout: StageLayout(chains), costs: request.costs, activationLimit: limit,
            allowsOverlap: request.allowsOverlap, fillsWeights: fillsWeights)
        guard search.makespan < .max else { return search.best }
        let widest = Double(search.makespan) * Self.firstThreshold
        for trial in 0..<share {
            if mustStop(isCancelled) { break }
            evaluations += 1
            let left = 1 - Double(trial) / Double(share)
            if search.tryChange(threshold: Int64(widest * left * left * random.nextUnit()), &random),
                search.best.makespan < leaders.last?.makespan ?? .max, let found = search.completed()
            {
                keep(found.rows, found.makespan, "search")
            }
        }
        return search.best
    }

    /// The largest lengthening by one change early in a search, as a fraction of the makespan.
    private static let firstThreshold = 0.01
}
