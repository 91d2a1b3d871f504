/// A search for short schedules over several placements of stages, one after another, within limits of memory and time.
public struct PlacementSearch: Sendable {
    /// A placement to search.
    public struct Candidate: Hashable, Sendable {
        /// The family of the placement.
        public let family: PlacementFamily
        /// Whether stages with different costs may move to other ranks first.
        public var assignsStages = false
    }

    /// The result of the search of one placement.
    public struct Outcome: Sendable {
        /// The placement, after stages have moved.
        public let placement: PlacementFamily
        /// The best schedule, or the reason why there is none.
        public let result: Result<Synthesis, SynthesisError>
    }

    /// The progress of the search of one placement.
    public struct Progress: Sendable {
        /// The placement.
        public let placement: PlacementFamily
        /// The best makespan so far, in nanoseconds; `Int64.max` if there is none.
        public let best: Int64
        /// The number of schedules that were built or changed.
        public let evaluations: Int
        /// The lower bound for the placement, in nanoseconds.
        public let bound: Int64
        /// The time of this state.
        public let instant: ContinuousClock.Instant
    }

    /// The number of ranks in the pipeline.
    public var ranks: Int
    /// The number of micro-batches per training step, over all chains.
    public var microbatches: Int
    /// The costs of a rank's share of the model.
    public var costs: PipelineCosts
    /// The placements, in the order of their search.
    public var candidates: [Candidate]
    /// The maximum number of activations per rank, in micro-batches of a rank's share; nil for no limit.
    public var activationLimit: Double?
    /// The maximum number of bytes per rank; nil for no limit.
    public var deviceMemory: Int64?
    /// The time limit for all placements together.
    public var budget = Duration.seconds(10)
    /// The maximum number of schedules that are built or changed per placement; nil for the default of
    /// ``Synthesizer/evaluations``.
    public var evaluations: Int?
    /// The seed of the search.
    public var seed: UInt64 = 1

    /// A search of the given placements, without limits of memory.
    public init(ranks: Int, microbatches: Int, costs: PipelineCosts, candidates: [Candidate]) {
        self.ranks = ranks
        self.microbatches = microbatches
        self.costs = costs
        self.candidates = candidates
    }

    /// The names that ``candidates(named:chunks:stagesDiffer:)`` accepts.
    public static let candidateNames = ["linear", "v", "interleaved", "wave", "bidirectional", "assigned", "all"]

    /// Returns the placements that a name stands for; nil if there is no such name. `chunks` is the number of stages
    /// per rank for placements that do not fix it. `all` assigns stages only if `stagesDiffer`.
    public static func candidates(named name: String, chunks: Int, stagesDiffer: Bool = true) -> [Candidate]? {
        let assigned = Candidate(
            family: chunks == 2 ? .wave(chunks: 2) : .interleaved(chunks: chunks), assignsStages: true)
        switch name {
        case "linear": return [Candidate(family: .linear)]
        case "v": return [Candidate(family: .wave(chunks: 2))]
        case "wave": return [Candidate(family: .wave(chunks: chunks))]
        case "interleaved": return [Candidate(family: .interleaved(chunks: chunks))]
        case "bidirectional": return [Candidate(family: .bidirectional)]
        case "assigned": return [assigned]
        case "all":
            let families: [PlacementFamily] =
                [.linear, .wave(chunks: 2), .interleaved(chunks: chunks)] + (chunks > 2 ? [.wave(chunks: chunks)] : [])
                + [.bidirectional]
            return families.map { Candidate(family: $0) } + (stagesDiffer ? [assigned] : [])
        default: return nil
        }
    }

    /// Searches every placement, each for an equal share of the budget.
    ///
    /// - Parameters:
    ///   - progress: Called before every evaluation, except those of the built-in schedules.
    ///   - isCancelled: Called as often as `progress`, and before every swap of stages. Once it returns true,
    ///     the search ends with the best schedule so far, and only the built-in schedules of the remaining placements
    ///     are evaluated.
    public func run(progress: (Progress) -> Void = { _ in }, isCancelled: () -> Bool = { false }) -> [Outcome] {
        let clock = ContinuousClock()
        let share = budget / max(candidates.count, 1)
        return candidates.map { candidate in
            var search = synthesizer(for: candidate.family)
            let end = clock.now + share
            if candidate.assignsStages {
                let half = clock.now + share / 2
                search.assignStages { isCancelled() || clock.now >= half }
                search.limitActivations(microbatches: activationLimit, bytes: deviceMemory)
            }
            let placement = search.placement
            let result = Result { () throws(SynthesisError) in
                try search.run { best, evaluations, bound in
                    let now = clock.now
                    progress(
                        Progress(
                            placement: placement, best: best, evaluations: evaluations, bound: bound, instant: now))
                    return isCancelled() || now >= end
                }
            }
            return Outcome(placement: placement, result: result)
        }
    }

    private func synthesizer(for placement: PlacementFamily) -> Synthesizer {
        let chainCount = placement == .bidirectional ? 2 : 1
        let stageCount = Int((Double(ranks) / placement.stageShare).rounded())
        var search = Synthesizer(
            ranks: ranks, microbatches: microbatches, placement: placement,
            costs: costs.spread(over: stageCount, ranks: ranks, chainCount: chainCount))
        search.evaluations = evaluations
        search.seed = seed
        search.limitActivations(microbatches: activationLimit, bytes: deviceMemory)
        return search
    }
}
