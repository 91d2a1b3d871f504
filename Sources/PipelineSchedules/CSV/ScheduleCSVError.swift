/// An error in the CSV of a schedule, with its row and column.
public struct ScheduleCSVError: Error, Hashable, CustomStringConvertible {
    /// The kind of an error in a CSV.
    public enum Reason: Hashable, Sendable {
        /// The file has no rows.
        case empty
        /// A cell is not empty, and is neither an action nor an overlapped pair.
        case malformedCell(String)
        /// A character other than a comma separates the cells; its name in the plural.
        case wrongSeparator(String)
        /// A row without an action before the row of another rank.
        case emptyRow
        /// The file is in UTF-16.
        case notUTF8
        /// A stage appears on two ranks.
        case stageOnTwoRanks(stage: Int, ranks: [Int])
        /// A stage below the largest one has no action anywhere.
        case missingStage(Int)
        /// The file has more rows, cells or stages than the limit, such as `rows`.
        case tooLarge(String, limit: Int)
        /// The stages do not divide into the requested number of chains of equal length.
        case stagesNotDivisible(stages: Int, chains: Int)
    }

    /// The kind of the error.
    public let reason: Reason
    /// The row, which is the rank, counted from 0; nil if the error concerns the whole file.
    public let row: Int?
    /// The column, counted from 0; nil if the error concerns a whole row or the whole file.
    public let column: Int?

    package init(reason: Reason, row: Int?, column: Int?) {
        self.reason = reason
        self.row = row
        self.column = column
    }

    /// One line: the location, the error and its remedy.
    public var description: String {
        let location =
            switch (row, column) {
            case (let row?, let column?): "row \(row), column \(column): "
            case (let row?, nil): "row \(row): "
            default: ""
            }
        return location + explanation
    }

    private var explanation: String {
        switch reason {
        case .empty: "the schedule is empty: write one row of comma-separated actions per rank"
        case .malformedCell(let cell):
            "'\(cell)' is not an action: write <stage><kind><microbatch> as in 0F4, or (0F4;7B1)OVERLAP_F_B"
        case .wrongSeparator(let name): "the cells are separated by \(name): separate them by commas"
        case .emptyRow: "the row has no action, but each row is a rank: remove the row"
        case .notUTF8: "the file is in UTF-16: save it as CSV in UTF-8"
        case .stageOnTwoRanks(let stage, let ranks):
            "stage \(stage) is on ranks \(ranks[0]) and \(ranks[1]): keep each stage on one rank"
        case .missingStage(let stage): "stage \(stage) has no action: number the stages from 0 without a gap"
        case .tooLarge(let what, let limit): "the schedule has more than \(limit) \(what): give a smaller one"
        case .stagesNotDivisible(let stages, let chains):
            "\(stages) \(stages == 1 ? "stage does" : "stages do") not divide into \(chains) chains of equal length: "
                + "give another number of chains"
        }
    }
}
