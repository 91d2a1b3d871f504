extension Schedule {
    /// Reads a schedule from the CSV that PyTorch's pipelining runtime reads and writes: a row a rank, a cell a step.
    ///
    /// Both forms are read, compute-only and with transfers; line ends may be LF or CRLF. The grammar is strict: a cell
    /// is an action as a whole, where PyTorch's loader accepts any text that begins like one.
    ///
    /// - Parameters:
    ///   - csv: The file's bytes.
    ///   - name: What the schedule is called in tables and pictures.
    ///   - chainCount: How many chains the stages form, in equal parts. Nothing in a CSV tells DualPipe (two chains of
    ///     P) from DualPipeV (one chain of 2P), so it has to be said.
    /// - Throws: ``ScheduleCSVError``, naming row and column. The order itself is judged by ``validate(for:)``.
    /// - Complexity: O(bytes).
    public init(csv: [UInt8], name: String = "CSV", chainCount: Int = 1) throws(ScheduleCSVError) {
        precondition(chainCount > 0, "a schedule has at least one chain")
        let rows = try Self.rows(csv: csv.span)
        guard !rows.isEmpty else { throw ScheduleCSVError(reason: .empty, row: nil, column: nil) }
        self.init(name: name, chains: try Self.chains(of: rows, count: chainCount), rows: rows)
    }

    /// The schedule's CSV: a row a rank, ended by LF, with an empty cell where the rank idles.
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

    private static func rows(csv: Span<UInt8>) throws(ScheduleCSVError) -> [[Step]] {
        var rows: [[Step]] = []
        var steps: [Step] = []
        var start = 0
        for position in 0...csv.count {
            let byte = position < csv.count ? csv[position] : UInt8(ascii: "\n")
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") else { continue }
            if position == csv.count && start == position && steps.isEmpty { break }
            var end = position
            if byte == UInt8(ascii: "\n"), end > start, csv[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            let cell = csv.extracting(start..<end)
            guard let step = Step(cell: cell) else {
                // A terminal would take control characters for its own.
                let shown = (0..<min(cell.count, 40)).map { cell[$0] }
                let text = String(decoding: shown, as: UTF8.self).unicodeScalars
                    .map { $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0) }
                    .joined()
                throw ScheduleCSVError(
                    reason: .malformedCell(text + (cell.count > 40 ? "…" : "")), row: rows.count, column: steps.count)
            }
            steps.append(step)
            start = position + 1
            if byte == UInt8(ascii: "\n") {
                rows.append(steps)
                steps = []
            }
        }
        return rows
    }

    /// The chains that the rows' stages form: equal shares of the stages, each stage on the rank whose row names it.
    private static func chains(of rows: [[Step]], count: Int) throws(ScheduleCSVError) -> [Chain] {
        var ranks: [Int] = []
        var microbatchCounts: [Int] = []
        for (rank, row) in rows.enumerated() {
            for (column, step) in row.enumerated() {
                try step.forEachAction { action throws(ScheduleCSVError) in
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
