import ArgumentParser
import Foundation
import PipelineSchedules
import SchedulePlanning

/// How `plan` searches for schedules.
struct SynthesisOptions: ParsableArguments {
    @Flag(help: "Search for schedules that are better than those with a name.")
    var synthesize = false

    @Option(
        help: ArgumentHelp(
            "Where the search puts stages: linear, v, interleaved, wave, bidirectional, assigned (it moves stages that "
                + "differ to other ranks itself), or all.", valueName: "name"))
    var placement = "all"

    @Option(help: ArgumentHelp("The longest that the search takes, such as 10s.", valueName: "seconds"))
    var budget = "10s"

    @Option(
        help:
            "The most schedules that the search makes for each placement; by default 40000, more where these are small."
    )
    var evaluations: Int?

    @Option(help: "Which of all possible searches; the same seed and evaluations give the same schedule.")
    var seed: UInt64 = 1

    func validate() throws {
        _ = try seconds()
        if let evaluations, evaluations < 1 {
            throw ValidationError("--evaluations is \(evaluations): give at least 1")
        }
    }

    private func seconds() throws -> Double {
        let number = budget.hasSuffix("s") ? String(budget.dropLast()) : budget
        guard let seconds = Double(number), seconds > 0, seconds <= 1e6 else {
            throw ValidationError("--budget is '\(budget)': give seconds, such as 10s")
        }
        return seconds
    }

    /// A placement that is searched, and whether stages that differ may move to other ranks first.
    struct SearchedPlacement {
        let family: PlacementFamily
        var assigns = false
    }

    /// What `--placement` stands for; stages are assigned only where `stagesDiffer`.
    func placements(chunks: Int, stagesDiffer: Bool = true) throws -> [SearchedPlacement] {
        let assigned = SearchedPlacement(
            family: chunks == 2 ? .wave(chunks: 2) : .interleaved(chunks: chunks), assigns: true)
        let families: [PlacementFamily]
        switch placement {
        case "linear": families = [.linear]
        case "v": families = [.wave(chunks: 2)]
        case "wave": families = [.wave(chunks: chunks)]
        case "interleaved": families = [.interleaved(chunks: chunks)]
        case "bidirectional": families = [.bidirectional]
        case "assigned": return [assigned]
        case "all":
            families =
                [.linear, .wave(chunks: 2), .interleaved(chunks: chunks)] + (chunks > 2 ? [.wave(chunks: chunks)] : [])
                + [.bidirectional]
        default:
            throw ValidationError(
                "there is no placement '\(placement)': give linear, v, interleaved, wave, bidirectional, assigned or all"
            )
        }
        return families.map { SearchedPlacement(family: $0) } + (placement == "all" && stagesDiffer ? [assigned] : [])
    }

    /// Searches every placement in turn, within the budget.
    ///
    /// Ctrl-C ends the search with the best so far; placements whose turn has not come then still have their schedules
    /// with a name looked at.
    func run(
        ranks: Int, microbatches: Int, chunks: Int, costs: PipelineCosts, memory: Double?, deviceBytes: Int64?
    ) throws -> [Synthesis] {
        let placements = try placements(chunks: chunks, stagesDiffer: Set(costs.stages).count > 1)
        let clock = ContinuousClock()
        let share = Duration.seconds(try seconds()) / placements.count
        Interruption.watch()
        var found: [Synthesis] = []
        var refusal: SynthesisError?
        for searched in placements {
            let placement = searched.family
            let chainCount = placement == .bidirectional ? 2 : 1
            let stageCount = Int((Double(ranks) / placement.stageShare).rounded())
            var search = Synthesizer(
                ranks: ranks, microbatches: microbatches, placement: placement,
                costs: costs.spread(over: stageCount, ranks: ranks, chainCount: chainCount))
            search.evaluations = evaluations
            search.seed = seed
            search.limitActivations(memory: memory, deviceBytes: deviceBytes)
            let end = clock.now + share
            if searched.assigns {
                let half = clock.now + share / 2
                search.assignStages { Interruption.isRequested || clock.now >= half }
                search.limitActivations(memory: memory, deviceBytes: deviceBytes)
            }
            switch outcome(of: search, until: end) {
            case .success(let synthesis):
                found.append(synthesis)
            case .failure(let error):
                refusal = error
                note("\(search.placement.name): \(error)")
            }
        }
        if Interruption.isRequested { note("interrupted: these are the best so far") }
        if found.isEmpty, let refusal { throw CommandError(refusal.description) }
        return found
    }

    private func outcome(
        of search: Synthesizer, until end: ContinuousClock.Instant
    ) -> Result<Synthesis, SynthesisError> {
        var progress = SearchProgress(search.placement.name)
        defer { progress.clear() }
        return Result { () throws(SynthesisError) in
            try search.run { best, evaluations, bound in
                let now = ContinuousClock.now
                progress.show(best: best, evaluations: evaluations, bound: bound, at: now)
                return Interruption.isRequested || now >= end
            }
        }
    }
}

extension Synthesizer {
    /// Sets the limit to `memory` micro-batches of a rank's share, and to what fits into a device.
    fileprivate mutating func limitActivations(memory: Double?, deviceBytes: Int64?) {
        activationLimit = memory.map { Int(($0 / placement.stageShare).rounded(.down)) }
        if let deviceBytes { activationLimit = min(activationLimit ?? .max, activationsFitting(deviceBytes)) }
    }

    /// How many activations of a stage fit beside the parameters into the memory of the rank that has the least room.
    private func activationsFitting(_ bytes: Int64) -> Int {
        let chains = placement.chains(ranks: ranks, microbatches: microbatches)
        let rooms = (0..<ranks).map { rank in
            let held = chains.flatMap { chain in chain.stages.filter { chain.rank(ofStage: $0) == rank } }
                .compactMap { costs.memory(ofStage: $0) }
            let parameters = held.reduce(0) { $0 + $1.parameters }
            let largest = held.map { max($0.activation, $0.weightGradient) }.max() ?? 0
            return largest == 0 ? Int.max : Int(max(bytes - parameters, 0) / largest)
        }
        return rooms.min() ?? 0
    }
}
