import ArgumentParser
import SchedulePlanning

/// The options of the search for schedules.
struct SynthesisOptions: ParsableArguments {
    @Flag(help: "Search for schedules that are better than the built-in ones.") var synthesize = false

    @Option(
        help: ArgumentHelp(
            "Placement of stages: linear, v, interleaved, wave, bidirectional, assigned (by the search) or all, the default.",
            valueName: "name"))
    var placement: String?

    @Option(
        help: ArgumentHelp("Maximum duration of the search; 10s by default.", valueName: "seconds"))
    var budget: String?

    @Option(
        help: ArgumentHelp(
            "Maximum schedules per placement; 40000 or more by default.", valueName: "n"))
    var evaluations: Int?

    @Option(
        name: .customLong("seed"),
        help: ArgumentHelp("Seed of the search and of --jitter; 1 by default.", valueName: "n"))
    var givenSeed: UInt64?

    var seed: UInt64 { givenSeed ?? 1 }

    /// The options of the search alone that were given.
    var given: [String] {
        (placement == nil ? [] : ["--placement"]) + (budget == nil ? [] : ["--budget"])
            + (evaluations == nil ? [] : ["--evaluations"])
    }

    func validate() throws {
        _ = try seconds()
        if let evaluations, evaluations < 1 {
            throw ValidationError("--evaluations is \(evaluations): give at least 1")
        }
    }

    private func seconds() throws -> Double {
        let budget = budget ?? "10s"
        let number = budget.hasSuffix("s") ? String(budget.dropLast()) : budget
        guard let seconds = Double(number), seconds > 0, seconds <= 1e6 else {
            throw ValidationError("--budget is '\(budget)': give seconds above 0, at most 1e6, such as 10s")
        }
        return seconds
    }

    /// Returns the placements that `--placement` selects. `all` includes assigned stages only if `stagesDiffer`.
    func candidates(chunks: Int, stagesDiffer: Bool = true) throws -> [PlacementSearch.Candidate] {
        let placement = placement ?? "all"
        guard let candidates = PlacementSearch.candidates(named: placement, chunks: chunks, stagesDiffer: stagesDiffer)
        else {
            let names = PlacementSearch.candidateNames
            throw ValidationError(
                "there is no placement '\(placement)': give \(names.dropLast().joined(separator: ", ")) or "
                    + (names.last ?? ""))
        }
        return candidates
    }

    /// Searches all selected placements within the budget. After Ctrl-C, the search ends with the best schedules so
    /// far.
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
        if Interruption.isRequested { note("interrupted: these are the best schedules so far") }
        if found.isEmpty, let refusal { throw CommandError(refusal.description) }
        return found
    }
}
