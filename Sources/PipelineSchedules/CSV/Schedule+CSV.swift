extension Schedule {
    /// Reads a schedule from the CSV that PyTorch's pipelining runtime reads and writes: one row per rank, one cell per
    /// step.
    ///
    /// Both the compute-only form and the form with transfers are read. Blanks around actions, quotes around cells, a
    /// byte-order mark and empty rows at the end are ignored. Lines may end in LF, CRLF or CR. The grammar is strict: a
    /// cell is one action in full, while PyTorch's loader accepts any text that begins with an action.
    ///
    /// - Parameters:
    ///   - csv: The file's bytes.
    ///   - name: The schedule's name in tables and charts.
    ///   - chainCount: The number of chains that the stages form, in equal parts. A CSV does not distinguish DualPipe
    ///     (two chains of P stages) from DualPipeV (one chain of 2P stages), so the caller has to give the number.
    /// - Throws: ``ScheduleCSVError`` with the row and the column. Only ``validate(for:)`` checks the order of the
    ///   actions.
    /// - Complexity: O(bytes).
    public init(csv: [UInt8], name: String = "CSV", chainCount: Int = 1) throws(ScheduleCSVError) {
        precondition(chainCount > 0, "a schedule has at least one chain")
        let rows = try CSVRows(csv: csv.span).rows
        guard !rows.isEmpty else { throw ScheduleCSVError(reason: .empty, row: nil, column: nil) }
        self.init(name: name, chains: try Self.chains(of: rows, count: chainCount), rows: rows)
        if InvariantChecks.areEnabled { _checkInvariants() }
    }

    /// Returns the schedule with its stages in `count` chains of equal length; nil if the stages do not divide, or if
    /// a stage is on two ranks.
    func grouped(intoChains count: Int) -> Schedule? {
        guard let chains = try? Self.chains(of: rows, count: count) else { return nil }
        return Schedule(name: name, chains: chains, rows: rows)
    }

    /// Returns the schedule's CSV: one row per rank, ended by LF, with an empty cell for each idle step.
    ///
    /// - Complexity: O(actions).
    public func csv() -> String {
        var text = ""
        for row in rows {
            for (column, step) in row.enumerated() {
                if column > 0 { text += "," }
                text += step.description
            }
            text += "\n"
        }
        return text
    }

    private static let stageLimit = 1 << 20

    /// Returns the chains that the rows' stages form: equal shares of the stages, with each stage on the rank whose row
    /// names it.
    private static func chains(of rows: [[Step]], count: Int) throws(ScheduleCSVError) -> [Chain] {
        var ranks: [Int] = []
        var microbatchCounts: [Int] = []
        for (rank, row) in rows.enumerated() {
            for (column, step) in row.enumerated() {
                try step.forEachAction { action throws(ScheduleCSVError) in
                    guard action.stage < stageLimit else {
                        throw ScheduleCSVError(
                            reason: .tooLarge("stages", limit: stageLimit), row: rank, column: column)
                    }
                    let missing = action.stage - ranks.count + 1
                    if missing > 0 {
                        ranks.append(contentsOf: repeatElement(-1, count: missing))
                        microbatchCounts.append(contentsOf: repeatElement(0, count: missing))
                    }
                    let known = ranks[action.stage]
                    guard known == -1 || known == rank else {
                        throw ScheduleCSVError(
                            reason: .stageOnTwoRanks(stage: action.stage, ranks: [known, rank]), row: rank,
                            column: column)
                    }
                    ranks[action.stage] = rank
                    microbatchCounts[action.stage] = max(microbatchCounts[action.stage], action.microbatch + 1)
                }
            }
        }
        if let missing = ranks.firstIndex(of: -1) {
            throw ScheduleCSVError(reason: .missingStage(missing), row: nil, column: nil)
        }
        guard !ranks.isEmpty else { throw ScheduleCSVError(reason: .empty, row: nil, column: nil) }
        guard ranks.count.isMultiple(of: count) else {
            throw ScheduleCSVError(
                reason: .stagesNotDivisible(stages: ranks.count, chains: count), row: nil, column: nil)
        }
        let length = ranks.count / count
        return (0..<count).map { index in
            let stages = index * length..<(index + 1) * length
            return Chain(
                stages: stages, ranks: Array(ranks[stages]), microbatchCount: microbatchCounts[stages].max() ?? 0)
        }
    }
}
