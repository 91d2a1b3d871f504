public import PipelineSchedules

/// Finds a schedule for given costs, a placement and a limit of activations.
///
/// It begins with the schedules that have a name and fit the limit, and with what they become when their weight
/// gradients move into gaps; then makes schedules by running them under many settings, varies the best settings, and
/// improves the best orders by small changes on their critical paths; small pipelines get several such attempts. The
/// result is never worse than the best schedule with a name that fits.
/// The same settings and seed give the same schedule, unless a clock cuts the search short.
public struct Synthesizer: Sendable {
    /// Ranks of the pipeline.
    public var ranks: Int
    /// Micro-batches of a step, over all chains.
    public var microbatches: Int
    /// How stages lie on ranks.
    public var placement: PlacementFamily
    /// What the placement's stages cost.
    public var costs: PipelineCosts
    /// The most activations of one stage that a rank may hold; nil for no limit.
    public var activationLimit: Int?
    /// Whether the schedule may have overlapped pairs.
    public var allowsOverlap = true
    /// Which of all possible searches.
    public var seed: UInt64 = 1
    /// How many schedules are made or changed at most; nil for as many as take a few seconds on one core: 40 000, and
    /// up to 400 000 where the pipeline is small.
    public var evaluations: Int?

    /// A search for a schedule of these sizes, without limits.
    public init(ranks: Int, microbatches: Int, placement: PlacementFamily, costs: PipelineCosts) {
        self.ranks = ranks
        self.microbatches = microbatches
        self.placement = placement
        self.costs = costs
    }

    var evaluationCount: Int {
        evaluations ?? max(40_000, min(20_000_000 / max(ranks * placement.stagesPerRank * microbatches, 1), 400_000))
    }

    /// The time that no schedule of this placement and these limits beats.
    ///
    /// - Precondition: There is at least one rank and one micro-batch, two for two chains.
    public var lowerBound: LowerBound {
        LowerBound(
            placement.chains(ranks: ranks, microbatches: microbatches), rankCount: ranks, costs: costs,
            activationLimit: activationLimit, allowsOverlap: allowsOverlap)
    }

    /// Searches.
    ///
    /// - Parameter isCancelled: Asked after every evaluation, with the best makespan so far in nanoseconds, how many
    ///   evaluations there were and the bound; when it answers true, the best so far is returned.
    /// - Throws: ``SynthesisError`` where the sizes are impossible or no schedule fits the limit.
    public func run(
        isCancelled: (_ best: Int64, _ evaluations: Int, _ bound: Int64) -> Bool = { _, _, _ in false }
    ) throws(SynthesisError) -> Synthesis {
        try checkSizes()
        var search = SynthesisSearch(self)
        search.run(isCancelled: isCancelled)
        guard let best = search.best else { throw SynthesisError(reason: .nothingFits(limit: activationLimit ?? 0)) }
        let chains = placement.chains(ranks: ranks, microbatches: microbatches)
        let schedule = Schedule(name: "Synthesized \(placement.name)", chains: chains, rows: best.rows)
        do {
            let report = try schedule.validate()
            return Synthesis(
                schedule: schedule, makespan: best.makespan, bound: search.bound, origin: best.origin,
                bestBuiltIn: search.bestBuiltIn, peakActivations: report.peakActivations,
                evaluations: search.evaluations)
        } catch {
            throw SynthesisError(reason: .invalid(error.description))
        }
    }

    private func checkSizes() throws(SynthesisError) {
        let stages = ranks.multipliedReportingOverflow(by: placement.stagesPerRank)
        let isTwoChains = placement == .bidirectional
        if case .assigned(let assigned) = placement {
            let stagesByRank = Dictionary(grouping: assigned) { $0 }
            guard ranks >= 1, assigned.count == stages.partialValue, Set(stagesByRank.keys) == Set(0..<ranks),
                stagesByRank.values.allSatisfy({ $0.count == placement.stagesPerRank })
            else { throw SynthesisError(reason: .assignment(stages: assigned.count, ranks: ranks)) }
        }
        guard ranks >= 1, placement.stagesPerRank >= 1, !stages.overflow, stages.partialValue <= Action.maximumStage,
            microbatches >= (isTwoChains ? 2 : 1), microbatches <= 1 << 20, ranks <= 1 << 14,
            stages.partialValue * microbatches <= 1 << 26
        else { throw SynthesisError(reason: .sizes(ranks: ranks, microbatches: microbatches)) }
    }
}

/// What a search found.
public struct Synthesis: Sendable {
    /// The schedule, proven valid.
    public let schedule: Schedule
    /// How long it takes, in nanoseconds.
    public let makespan: Int64
    /// What no schedule of its placement and limits beats.
    public let bound: LowerBound
    /// What the schedule came from: `search`, or the name of the schedule that was already best.
    public let origin: String
    /// The best schedule with a name under the same limits, and how long it takes; nil where none fits.
    public let bestBuiltIn: NamedTime?
    /// The most activations that each rank holds at once.
    public let peakActivations: [Int]
    /// How many schedules were made or changed.
    public let evaluations: Int

    /// A schedule's name and how long it takes.
    public struct NamedTime: Hashable, Sendable {
        /// What people call the schedule.
        public let name: String
        /// How long it takes, in nanoseconds.
        public let makespan: Int64
    }

    /// By how much the schedule is longer than the bound, as a part of the bound.
    public var gap: Double { bound.time == 0 ? 0 : Double(makespan) / Double(bound.time) - 1 }
}

/// A search that cannot be, and why.
public struct SynthesisError: Error, Hashable, CustomStringConvertible {
    /// Why.
    public enum Reason: Hashable, Sendable {
        /// There are no such pipelines, or they have more than 2²⁶ (stage, micro-batch) cells.
        case sizes(ranks: Int, microbatches: Int)
        /// The ranks of an assignment are not those of the pipeline, or hold unequally many stages.
        case assignment(stages: Int, ranks: Int)
        /// Every order needs more activations.
        case nothingFits(limit: Int)
        /// The search made a wrong schedule: a defect of the search.
        case invalid(String)
    }

    /// Why the search cannot be.
    public let reason: Reason

    /// What, and what would be possible.
    public var description: String {
        switch reason {
        case .sizes(let ranks, let microbatches):
            "cannot search schedules of \(ranks) ranks and \(microbatches) micro-batches: give at least 1 of each, 2 "
                + "micro-batches for two chains, and no more than 2^26 stages x micro-batches"
        case .assignment(let stages, let ranks):
            "cannot assign \(stages) stages to \(ranks) ranks: give each rank equally many, at least one"
        case .nothingFits(let limit):
            "no schedule was found that holds at most \(limit) activations of a stage a rank: allow more"
        case .invalid(let fault): "the search made a wrong schedule, which is a defect of Contraflow: \(fault)"
        }
    }
}
