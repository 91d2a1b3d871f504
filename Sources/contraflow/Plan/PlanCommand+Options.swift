import ArgumentParser
import PipelineSchedules

extension PlanCommand {
    /// Throws an error for an option that the command would ignore.
    func checkOptions() throws {
        func refuse(_ options: [String], _ remedy: String) throws {
            if let option = options.first { throw ValidationError("\(option) \(remedy)") }
        }
        let schedules = pipeline.schedule.isEmpty ? [] : ["--schedule"]
        let search = synthesis.synthesize ? ["--synthesize"] : []
        let seed = synthesis.givenSeed == nil ? [] : ["--seed"]
        let notTable = givenFormat.map { $0 == .table ? [] : ["--format \($0.rawValue)"] } ?? []
        let transfers = withTransfers ? ["--with-transfers"] : []
        if pipeline.check != nil {
            let others =
                pipeline.givenSizes + costOptions.given + limits.given + search + synthesis.given + seed
                + slowness.given
                + transfers + (costOptions.printCosts ? ["--print-costs"] : [])
                + (format == .json ? [] : notTable)
            return try refuse(others, "has no effect on --check: leave it out")
        }
        if pipeline.runtime != nil { try refuse(["--for"], "needs --check") }
        if costOptions.printCosts {
            let others =
                schedules + pipeline.givenSizes + limits.given + search + synthesis.given + seed + slowness.given
                + transfers + notTable
            return try refuse(others, "has no effect on --print-costs: leave it out")
        }
        if !synthesis.synthesize {
            try refuse(synthesis.given, "needs --synthesize")
            if slowness.jitter == 0 { try refuse(seed, "needs --synthesize or --jitter") }
        }
        if pipeline.chains != nil, !pipeline.namesFile {
            try refuse(["--chains"], "is for CSV files: name one with --schedule or --check")
        }
        guard !schedules.isEmpty else { return }
        try refuse(limits.given, "limits the comparison of all schedules and the search: leave out --schedule")
        if pipeline.namesFilesAlone {
            try refuse(pipeline.givenSizes, "has no effect on a CSV file, which has its own size: leave it out")
        }
        if pipeline.givenChunks != nil, !pipeline.builtIns.contains(where: \.hasChunks) {
            try refuse(["--chunks"], "has no effect on \(pipeline.schedule.joined(separator: ", ")): leave it out")
        }
    }
}
