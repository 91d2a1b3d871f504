/// The steps to which the windows of a history file belong.
///
/// The file is an object whose `logical_count` has the windows, as SGLang reads them. The key `steps` has the first and
/// last number of each series of consecutive steps. The key `micro_batches` has, for each step that is divided, its first
/// window, its number of micro-batches, and the number of source ranks of each. Every other step has one window.
struct LoadHistoryLayout {
    /// A step with several windows: the source ranks of the first micro-batch, then those of the next one.
    struct DividedStep {
        var window: Int
        var microBatches: Int
        var sourceRanks: Int
    }

    /// The keys of the layout.
    static let keys: Set<String> = ["steps", "micro_batches"]

    /// The numbers of the steps.
    var numbers: [ClosedRange<Int>] = []
    /// The steps with several windows, in ascending order.
    var divided: [DividedStep] = []

    /// Reads the value of one of the keys.
    mutating func read(_ key: String, _ scanner: inout JSONTableScanner) throws {
        if key == "steps" { try readNumbers(&scanner) } else { try readDividedSteps(&scanner) }
    }

    private mutating func readNumbers(_ scanner: inout JSONTableScanner) throws {
        var count = 0
        numbers = try Self.rows(&scanner, width: 2).map { row in
            let (size, overflows) = row[1].subtractingReportingOverflow(row[0])
            guard row[0] >= 0, !overflows, size >= 0, size < TableLimits.windows - count else {
                throw scanner.keyFailure(
                    "'steps' has [\(row[0]), \(row[1])]: give the first and the last number of at most "
                        + "\(TableLimits.windows) steps")
            }
            count += size + 1
            return row[0]...row[1]
        }
    }

    private mutating func readDividedSteps(_ scanner: inout JSONTableScanner) throws {
        divided = try Self.rows(&scanner, width: 3).map { row in
            guard row.allSatisfy({ (0...TableLimits.windows).contains($0) }), row[1] > 0, row[2] > 0 else {
                throw scanner.keyFailure(
                    "'micro_batches' has \(row): give a window, its micro-batches and their source ranks, at most "
                        + "\(TableLimits.windows) each")
            }
            return DividedStep(window: row[0], microBatches: row[1], sourceRanks: row[2])
        }
    }

    private static func rows(_ scanner: inout JSONTableScanner, width: Int) throws -> [[Int]] {
        var rows: [[Int]] = []
        try scanner.array { scanner in
            var row: [Int] = []
            try scanner.array { scanner in row.append(try scanner.integer()) }
            guard row.count == width, rows.count < TableLimits.windows else {
                throw scanner.keyFailure(
                    "a row has \(row.count.counted("number")): give at most \(TableLimits.windows) rows of \(width)")
            }
            rows.append(row)
        }
        return rows
    }
}
