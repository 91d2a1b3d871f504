import Timelines

/// Pieces of JSON as text.
enum JSONText {
    static func string(_ text: String) -> String { text.jsonQuoted }

    static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "null" }
        return "\(value)"
    }

    static func number(_ value: Int64?) -> String {
        value.map { String($0) } ?? "null"
    }

    /// An object of members whose values are JSON already.
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(string($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
    }

    /// An array of values that are JSON already, one a line.
    static func array(_ values: [String], indent: String = "  ") -> String {
        values.isEmpty ? "[]" : "[\n\(indent)\(values.joined(separator: ",\n\(indent)"))]"
    }
}

/// A cell of CSV.
func csvCell(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
}
