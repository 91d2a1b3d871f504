import ArgumentParser
import SchedulePlanning

/// How `plan` searches for schedules.
struct SynthesisOptions: ParsableArguments {
    @Flag(help: "Search for schedules that are better than those with a name.") var synthesize = false

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

    /// What `--placement` stands for; `all` assigns stages only if `stagesDiffer`.
    func candidates(chunks: Int, stagesDiffer: Bool = true) throws -> [PlacementSearch.Candidate] {
        guard let candidates = PlacementSearch.candidates(named: placement, chunks: chunks, stagesDiffer: stagesDiffer)
        else {
            let names = PlacementSearch.candidateNames
            throw ValidationError(
                "there is no placement '\(placement)': give \(names.dropLast().joined(separator: ", ")) or "
                    + (names.last ?? ""))
        }
        return candidates
    }

    /// Searches every placement within the budget. Ctrl-C ends the search with the best so far.
    func run(
        ranks: Int, microbatches: Int, chunks: Int, costs: PipelineCosts, memory: Double?, deviceBytes: Int64?
    ) throws -> [Synthesis] {
        let candidates = try candidates(chunks: chunks, stagesDiffer: Set(costs.stages).count > 1)
        var search = PlacementSearch(ranks: ranks, microbatches: microbatches, costs: costs, candidates: candidates)
        search.activationLimit = memory
        search.deviceMemory = deviceBytes
        search.budget = .seconds(try seconds())
        search.evaluations = evaluations
        search.seed = seed
        Interruption.watch()
        var progress = SearchProgress()
        let outcomes = search.run(progress: { progress.show($0) }, isCancelled: { Interruption.isRequested })
        progress.clear()
        var found: [Synthesis] = []
        var refusal: SynthesisError?
        for outcome in outcomes {
            do {
                found.append(try outcome.result.get())
            } catch {
                refusal = error
                note("\(outcome.placement.name): \(error)")
            }
        }
        if Interruption.isRequested { note("interrupted: these are the best so far") }
        if found.isEmpty, let refusal { throw CommandError(refusal.description) }
        return found
    }
}
