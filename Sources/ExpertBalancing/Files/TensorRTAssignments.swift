/// Reads the load-balancer file of TensorRT-LLM: YAML with the expert of each slot per layer of the model.
///
///     num_slots: 8
///     initial_global_assignments:
///       3: [0, 1, 2, 3, 4, 5, 0, 1]
///     layer_updates_per_iter: 0
///
/// Lists may be in brackets, over any number of lines, or have one element per line. The file may be the value of the
/// key `load_balancer` or `moe_load_balancer`, as in the configuration of a server.
struct TensorRTAssignments {
    private var layers: [Int] = []
    /// The layers that were given, for finding one that is given twice.
    private var known: Set<Int> = []
    private var rows: [[Int32]] = []
    private var slotCount: Int?
    private var isInAssignments = false
    /// Whether a list in brackets is open.
    private var isInBrackets = false

    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws -> PlacementFile {
        var assignments = TensorRTAssignments()
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            do {
                try assignments.readLine(String(decoding: line, as: UTF8.self))
            } catch let error as FileFormatError {
                throw FileFormatError("line \(index + 1): \(error)")
            }
        }
        return try assignments.file()
    }

    private mutating func readLine(_ line: String) throws {
        let text = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
        guard !text.isEmpty, text != "---" else { return }
        if isInBrackets || text.hasPrefix("-") { return try readExperts(text) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw Self.unreadable(line) }
        if isInAssignments, let layer = Int(parts[0].filter { $0 != "'" && $0 != "\"" }), layer >= 0 {
            guard known.insert(layer).inserted else { throw FileFormatError("layer \(layer) is given twice") }
            layers.append(layer)
            rows.append([])
            return try readExperts(parts[1])
        }
        isInAssignments = false
        switch parts[0] {
        case "initial_global_assignments": isInAssignments = true
        case "num_slots": slotCount = Int(parts[1])
        case "layer_updates_per_iter", "moe_config", "load_balancer", "moe_load_balancer": break
        default:
            throw FileFormatError(
                "unknown key '\(parts[0].prefix(40))': give TensorRT-LLM's num_slots, initial_global_assignments and "
                    + "layer_updates_per_iter")
        }
    }

    /// Reads the rest of a list: `[0,1`, `2,3]`, `-4` or nothing.
    private mutating func readExperts(_ text: String) throws {
        var rest = Substring(text)
        guard isInAssignments, !rows.isEmpty else { throw Self.unreadable(text) }
        if rest.first == "[" {
            isInBrackets = true
            rest = rest.dropFirst()
        } else if rest.first == "-", !isInBrackets {
            rest = rest.dropFirst()
        }
        if rest.last == "]" {
            isInBrackets = false
            rest = rest.dropLast()
        }
        for part in rest.split(separator: ",") {
            guard let expert = Int32(part) else { throw Self.unreadable(text) }
            rows[rows.count - 1].append(expert)
        }
        try TableLimits.check(layers: rows.count, columns: rows[rows.count - 1].count, "slot")
    }

    private func file() throws -> PlacementFile {
        guard !rows.isEmpty, !isInBrackets else {
            throw FileFormatError("the text has no placement: give JSON, .npy, or YAML with initial_global_assignments")
        }
        if let row = rows.first(where: { $0.count != slotCount ?? rows[0].count }) {
            throw FileFormatError(
                "a layer has \(row.count.counted("slot")) and num_slots is \(slotCount ?? rows[0].count): give every layer "
                    + "all slots")
        }
        let order = layers.indices.sorted { layers[$0] < layers[$1] }
        return PlacementFile(rows: order.map { rows[$0] }, layers: order.map { layers[$0] })
    }

    private static func unreadable(_ text: String) -> FileFormatError {
        FileFormatError("'\(text.prefix(40))' is not a map of slots to experts: give JSON, .npy or TensorRT-LLM's YAML")
    }
}
