/// Searches several placements of stages for short schedules, one after the other, within limits of memory and time.
public struct PlacementSearch: Sendable {
    /// A placement to search.
    public struct Candidate: Hashable, Sendable {
        /// How stages lie on ranks.
        public let family: PlacementFamily
        /// Whether stages that differ may move to other ranks first.
        public var assignsStages = false
    }

    /// What the search of one placement came to.
    public struct Outcome: Sendable {
        /// The placement, after stages have moved.
        public let placement: PlacementFamily
        /// The best schedule, or why there is none.
        public let result: Result<Synthesis, SynthesisError>
    }

    /// How far the search of one placement has come.
    public struct Progress: Sendable {
        /// The placement.
        public let placement: PlacementFamily
        /// The best makespan so far, in nanoseconds; `Int64.max` if there is none.
        public let best: Int64
        /// How many schedules were made or changed.
        public let evaluations: Int
        /// What no schedule of the placement beats, in nanoseconds.
        public let bound: Int64
        /// When this was so.
        public let instant: ContinuousClock.Instant
    }

    /// Ranks of the pipeline.
    public var ranks: Int
    /// Micro-batches of a step, over all chains.
    public var microbatches: Int
    /// What a rank's share of the model costs.
    public var costs: PipelineCosts
    /// The placements, in the order of their search.
    public var candidates: [Candidate]
    /// The most activations that a rank may hold, in micro-batches of a rank's share; nil for no limit.
    public var activationLimit: Double?
    /// The most bytes that a rank may hold; nil for no limit.
    public var deviceMemory: Int64?
    /// How long all placements together take at most.
    public var budget = Duration.seconds(10)
    /// How many schedules are made or changed at most per placement; nil for ``Synthesizer/evaluations``' own number.
    public var evaluations: Int?
    /// Which of all possible searches.
    public var seed: UInt64 = 1

    /// A search of the given placements, without limits of memory.
    public init(ranks: Int, microbatches: Int, costs: PipelineCosts, candidates: [Candidate]) {
        self.ranks = ranks
        self.microbatches = microbatches
        self.costs = costs
        self.candidates = candidates
    }

    /// The names that ``candidates(named:chunks:stagesDiffer:)`` knows.
    public static let candidateNames = ["linear", "v", "interleaved", "wave", "bidirectional", "assigned", "all"]

    /// The placements that a name stands for, with `chunks` stages per rank if the placement leaves the number open;
    /// nil if there is no such name. `all` assigns stages only if `stagesDiffer`.
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
    ///   - progress: Told after every evaluation.
    ///   - isCancelled: Asked after every evaluation. Once it answers true, the search ends with the best so far;
    ///     of the remaining placements only the schedules with a name are looked at.
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
