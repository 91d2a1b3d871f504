public import PipelineSchedules

/// A search for a short schedule under given costs, for a placement and an activation limit.
///
/// The search begins with the built-in schedules that fit the limit, and with these schedules after their weight
/// gradients have moved into gaps. It then builds schedules with a list scheduler under many settings, varies the best
/// settings, and improves the best orders by small changes on their critical paths. Small pipelines get several such
/// attempts. The result is never worse than the best built-in schedule that fits.
///
/// The same settings and seed give the same schedule, unless a time limit ends the search early.
public struct Synthesizer: Sendable {
    /// The number of ranks in the pipeline.
    public var ranks: Int
    /// The number of micro-batches per training step, over all chains.
    public var microbatches: Int
    /// The placement of stages on ranks.
    public var placement: PlacementFamily
    /// The costs of the placement's stages.
    public var costs: PipelineCosts
    /// The maximum number of activations per rank, each of one micro-batch at one stage; nil for no limit.
    public var activationLimit: Int?
    /// Whether the schedule may have overlapped pairs.
    public var allowsOverlap = true
    /// The seed of the search.
    public var seed: UInt64 = 1
    /// The maximum number of schedules that are built or changed; nil for a number that takes a few seconds on one
    /// core: 40 000, and up to 400 000 for small pipelines.
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

    /// The lower bound on the time of every schedule with this placement and these limits.
    ///
    /// - Precondition: There is at least one rank and one micro-batch, or two micro-batches for two chains.
    public var lowerBound: LowerBound {
        LowerBound(
            placement.chains(ranks: ranks, microbatches: microbatches), rankCount: ranks, costs: costs,
            activationLimit: activationLimit, allowsOverlap: allowsOverlap)
    }

    /// Runs the search.
    ///
    /// - Parameter isCancelled: Called before every evaluation, except those of the built-in schedules, with the best
    ///   makespan so far in nanoseconds, the number of evaluations and the bound. If it returns true, the search ends
    ///   with the best schedule so far.
    /// - Throws: ``SynthesisError`` if the sizes are impossible or no schedule fits the limit.
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

/// The result of a search.
public struct Synthesis: Sendable {
    /// The schedule, proven valid.
    public let schedule: Schedule
    /// The makespan of the schedule, in nanoseconds.
    public let makespan: Int64
    /// The lower bound for the schedule's placement and limits.
    public let bound: LowerBound
    /// The origin of the schedule: `search`, or the built-in schedule that it is or was derived from.
    public let origin: String
    /// The best built-in schedule under the same limits, and its makespan; nil if none fits.
    public let bestBuiltIn: NamedTime?
    /// The peak number of activations of each rank.
    public let peakActivations: [Int]
    /// The number of schedules that were built or changed.
    public let evaluations: Int

    /// The name of a schedule, and its makespan.
    public struct NamedTime: Hashable, Sendable {
        /// The common name of the schedule.
        public let name: String
        /// The makespan of the schedule, in nanoseconds.
        public let makespan: Int64
    }

    /// The difference between the makespan and the bound, as a fraction of the bound.
    public var gap: Double { bound.time == 0 ? 0 : Double(makespan) / Double(bound.time) - 1 }
}

/// An impossible or unsuccessful search, and the reason.
public struct SynthesisError: Error, Hashable, CustomStringConvertible {
    /// The reason of a ``SynthesisError``.
    public enum Reason: Hashable, Sendable {
        /// The pipeline has too few ranks or micro-batches, more than 2¹⁴ ranks, more than 2²⁰ micro-batches, or more
        /// than 2²⁶ (stage, micro-batch) cells.
        case sizes(ranks: Int, microbatches: Int)
        /// The ranks of an assignment are not those of the pipeline, or have different numbers of stages.
        case assignment(stages: Int, ranks: Int)
        /// The search found no schedule within the activation limit.
        case nothingFits(limit: Int)
        /// The search built an invalid schedule, which is a defect of the search.
        case invalid(String)
    }

    /// The reason.
    public let reason: Reason

    /// One line: the reason, and the remedy.
    public var description: String {
        switch reason {
        case .sizes(let ranks, let microbatches):
            "cannot search for a schedule of \(ranks) ranks and \(microbatches) micro-batches: give 1 to 2^14 ranks, "
                + "1 to 2^20 micro-batches, at least 2 for two chains, and no more than 2^26 stages x micro-batches"
        case .assignment(let stages, let ranks):
            "cannot assign \(stages) stages to \(ranks) ranks: give each rank equally many, at least one"
        case .nothingFits(let limit):
            "no schedule was found within the limit of \(limit) activations per rank, each of one stage: allow more"
        case .invalid(let fault): "the search built an invalid schedule, which is a defect of Contraflow: \(fault)"
        }
    }
}
