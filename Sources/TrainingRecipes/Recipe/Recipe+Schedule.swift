package import PipelineSchedules

extension Recipe {
    /// Returns the schedule that the recipe names: a built-in schedule, or the schedule in a CSV file.
    func namedSchedule(readFile: (String) throws -> [UInt8]) throws -> Schedule {
        let name = parallelism.pipelineParallelSchedule
        if let known = BuiltInSchedule(named: name) { return try build(known) }
        guard name.hasSuffix(".csv") else {
            throw RecipeError(
                "parallelism.pipeline_parallel_schedule is '\(name)': \(BuiltInSchedule.remedy(forUnknown: name)), or "
                    + "a .csv file")
        }
        do {
            let schedule = try Schedule(csv: try readFile(name), name: name, chainCount: try chainCount(of: name))
            try check(schedule)
            let (ranks, microbatches) = (parallelism.pipelineParallelDegree, parallelism.numMicrobatches)
            try require(
                schedule.rankCount == ranks,
                "parallelism.pipeline_parallel_degree is \(ranks), but \(name) is for \(schedule.rankCount)")
            try require(
                schedule.microbatchCount == microbatches,
                "parallelism.num_microbatches is \(microbatches), but \(name) is for \(schedule.microbatchCount)")
            return schedule
        } catch let error as RecipeError {
            throw error
        } catch {
            throw RecipeError("parallelism.pipeline_parallel_schedule: \(name): \(error)")
        }
    }

    /// Whether the recipe takes its schedule from a CSV file.
    package var readsSchedule: Bool { BuiltInSchedule(named: parallelism.pipelineParallelSchedule) == nil }

    /// Sets the number of chains of a schedule from a CSV file, so that the recipe no longer needs the file's sidecar.
    package mutating func setChains(of schedule: Schedule) {
        if readsSchedule { parallelism.numChains = schedule.chains.count }
    }

    /// Returns the number of chains of a CSV file: `num_chains`, otherwise that of the file's sidecar, or 1.
    private func chainCount(of csv: String) throws -> Int {
        parallelism.numChains > 0 ? parallelism.numChains : try ChainSidecar.chains(besides: csv) ?? 1
    }

    private func check(_ schedule: Schedule) throws {
        do throws(ScheduleError) {
            try schedule.validate()
        } catch {
            guard schedule.isValidAsTwoChains else { throw error }
            throw RecipeError(
                "parallelism.num_chains is \(schedule.chains.count): \(schedule.name): \(error): with two chains, as in "
                    + "DualPipe, the schedule is valid: give 2 if it has two")
        }
    }

    private func build(_ known: BuiltInSchedule) throws(RecipeError) -> Schedule {
        let (ranks, microbatches) = (parallelism.pipelineParallelDegree, parallelism.numMicrobatches)
        let chunks = parallelism.numVirtualStagesPerPipelineRank
        let cells = ranks * microbatches * (known.hasChunks ? chunks : 1)
        try require(
            cells <= 1 << 20,
            "parallelism.num_microbatches is \(microbatches): with parallelism.pipeline_parallel_degree \(ranks) the "
                + "schedule has \(cells) forward passes, but at most \(1 << 20) may be planned: give fewer")
        do {
            return try known.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
        } catch {
            let keys = [
                "ranks": "pipeline_parallel_degree", "micro-batches": "num_microbatches",
                "chunks": "num_virtual_stages_per_pipeline_rank",
            ]
            throw RecipeError("parallelism.\(keys[error.parameter] ?? "pipeline_parallel_schedule"): \(error)")
        }
    }
}

extension BuiltInSchedule {
    /// Returns the remedy for an unknown name of a schedule: the nearest name, and all names.
    package static func remedy(forUnknown name: String) -> String {
        let names = allCases.map(\.rawValue)
        let near = NearName.of(name.lowercased(), among: names) ?? NearName.of(name, among: otherNames.keys.sorted())
        return "\(near.map { "did you mean '\($0)'? Give" } ?? "give") one of \(names.joined(separator: ", "))"
    }
}
