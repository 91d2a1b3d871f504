/// The columns of a CSV of loads, as its first line names them.
struct CSVHeader {
    enum Column: Hashable {
        case window, layer, rank
        /// The index of the expert of the row.
        case expert
        /// The tokens of the expert of the row.
        case count
        /// The tokens of one expert in every row.
        case expertLoad(Int)
    }

    let columns: [Column]
    private let line: [UInt8]

    /// Whether a row is one count: the expert's index is a column.
    var isCountList: Bool { columns.contains(.expert) }

    private static let columnOfName: [String: Column] = [
        "iter": .window, "iteration": .window, "step": .window, "window": .window,
        "layer": .layer, "layer_id": .layer, "layer_idx": .layer, "layer_index": .layer,
        "rank": .rank, "rank_id": .rank, "ep_rank": .rank,
        "expert": .expert, "expert_id": .expert, "expert_idx": .expert, "expert_index": .expert,
        "count": .count, "counts": .count, "tokens": .count, "num_tokens": .count, "token_count": .count,
        "load": .count,
    ]

    private static let expertPrefixes: Set<String> = ["", "e", "exp", "expert", "logicalexpert"]

    private static let remedy =
        "give 'layer', 'iter' and one column per expert (e0, e1, …), or 'layer', 'expert' and 'count'"

    /// Reads the header and moves `scanner` past it. The result is nil if the first line is a row of numbers.
    ///
    /// - Throws: ``FileFormatError`` if the columns are not those of a table of loads.
    init?(_ scanner: inout CSVScanner) throws {
        let names = try scanner.fields()
        if names.count > 1, names[0].isEmpty {
            throw scanner.failure(
                ": column 1 has no name: name it 'layer', or write the table without its index (pandas: index=False)")
        }
        guard Self.isHeader(names) else { return nil }
        columns = try names.map { name in
            guard let column = Self.column(named: name.lowercased()) else {
                throw scanner.failure(": column '\(name.prefix(40))' is unknown: \(Self.remedy)")
            }
            return column
        }
        if Set(columns).count < columns.count {
            throw scanner.failure(": two columns have one meaning: \(Self.remedy)")
        }
        line = Array(scanner.line)
        try check(scanner)
        scanner.skipLine()
    }

    /// Whether the current line of `scanner` is the header again, as in files that were joined.
    func isRepeated(_ scanner: CSVScanner) -> Bool {
        scanner.bytes[scanner.index] == line[0] && scanner.line.elementsEqual(line)
    }

    /// Returns whether the fields are names: words, or the indices of at least four experts in order.
    private static func isHeader(_ fields: [String]) -> Bool {
        fields.contains { $0.first.map { $0.isLetter || $0 == "_" } ?? false && Double($0) == nil }
            || fields.count > 3 && fields == fields.indices.map(String.init)
    }

    private static func column(named name: String) -> Column? {
        if let column = columnOfName[name] { return column }
        let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
        let prefix = name.dropLast(digits).filter { !"_-.#".contains($0) }
        guard let number = Int(name.suffix(digits)), expertPrefixes.contains(prefix) else { return nil }
        return .expertLoad(number)
    }

    private func check(_ scanner: CSVScanner) throws {
        let experts = columns.compactMap { if case .expertLoad(let number) = $0 { number } else { nil } }
        if isCountList {
            guard columns.contains(.count), experts.isEmpty else {
                throw scanner.failure(": the expert of each row needs one column 'count': \(Self.remedy)")
            }
            return
        }
        guard let first = experts.first else {
            throw scanner.failure(": there is no column of an expert: \(Self.remedy)")
        }
        if columns.contains(.count) || columns.contains(.rank) {
            throw scanner.failure(": a row holds the loads of all experts, or one count: \(Self.remedy)")
        }
        guard first <= 1, experts == Array(first..<first + experts.count) else {
            throw scanner.failure(": the columns of experts are not numbered in order: give e0, e1, … without gaps")
        }
    }
}
