/// A file is not a schedule: where it is wrong, and what would be right.
public struct ScheduleCSVError: Error, Hashable, CustomStringConvertible {
    /// What is wrong with a file.
    public enum Reason: Hashable, Sendable {
        /// The file has no rows.
        case empty
        /// A cell is neither an action, an overlapped pair nor empty.
        case malformedCell(String)
        /// A stage appears on two ranks.
        case stageOnTwoRanks(stage: Int, ranks: [Int])
        /// A stage below the largest one has no action anywhere.
        case missingStage(Int)
        /// The stages do not divide into the number of chains asked for.
        case stagesNotDivisible(stages: Int, chains: Int)
    }

    /// What is wrong.
    public let reason: Reason
    /// The row, which is the rank, counted from 0; nil where the file as a whole is at fault.
    public let row: Int?
    /// The column, counted from 0.
    public let column: Int?

    /// One line: where, what, and what to do.
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
        case .empty: "the schedule is empty: it needs one row of comma-separated actions a rank"
        case .malformedCell(let cell):
            "'\(cell)' is not an action: write <stage><kind><microbatch> as in 0F4, or (0F4;7B1)OVERLAP_F_B"
        case .stageOnTwoRanks(let stage, let ranks):
            "stage \(stage) is on ranks \(ranks[0]) and \(ranks[1]): a stage lives on one rank"
        case .missingStage(let stage): "stage \(stage) has no action: stages count from 0 without a gap"
        case .stagesNotDivisible(let stages, let chains): "\(stages) stages do not divide into \(chains) chains"
        }
    }
}
