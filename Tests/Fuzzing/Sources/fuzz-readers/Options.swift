/// The options of the command line.
struct Options {
    /// The file that holds the number of the run in progress.
    let state: String
    /// The folder of the files to damage.
    let fixtures: String
    /// The reader to which all damaged files are fed; nil for all readers.
    var reader: String?
    var runs = 1_000_000
    var seconds = 300.0
    var seed: UInt64 = 1
    var first = 0
    /// The file to which the damaged input is written; nil to keep none.
    var kept: String?

    /// Parses the words of the command line; nil if they are invalid.
    init?(_ words: [String]) {
        var plain: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                plain.append(word)
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch word {
            case "--reader": reader = value
            case "--runs": runs = Int(value) ?? -1
            case "--seconds": seconds = Double(value) ?? -1
            case "--seed": seed = UInt64(value) ?? 0
            case "--first": first = Int(value) ?? -1
            case "--keep": kept = value
            default: return nil
            }
        }
        guard plain.count == 2, runs > 0, seconds > 0, first >= 0 else { return nil }
        state = plain[0]
        fixtures = plain[1]
    }
}
