/// The options of the command line.
struct Options {
    /// The folder of the small valid files, with a folder per reader.
    var corpus = "Tests/Fuzzing/Corpus"
    /// The folder of the traces that the tests use as well.
    var traces = "Tests/ProfilerTracesTests/Fixtures"
    /// The names of the readers to run; empty for all.
    var readers: [String] = []
    /// The number of damaged files per reader.
    var runs = 1_000_000
    /// The time after which the program stops.
    var seconds = Double.infinity
    var seed: UInt64 = 1
    /// The number of the first damaged file, so that a long run can be made in parts.
    var first = 0
    /// The file to which the damaged input is written before it is read; nil to keep only those that fail.
    var kept: String?

    static let usage = """
        usage: fuzz-readers [--reader NAME]… [--runs N] [--first N] [--seed K] [--seconds S] [--keep FILE]
                            [--corpus FOLDER] [--traces FOLDER]
        """

    /// Parses the words of the command line; nil if they are invalid.
    init?(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch word {
            case "--reader": readers.append(value)
            case "--corpus": corpus = value
            case "--traces": traces = value
            case "--runs": runs = Int(value) ?? -1
            case "--seconds": seconds = Double(value) ?? -1
            case "--seed": seed = UInt64(value) ?? 0
            case "--first": first = Int(value) ?? -1
            case "--keep": kept = value
            default: return nil
            }
        }
        guard runs > 0, seconds > 0, first >= 0 else { return nil }
    }
}
