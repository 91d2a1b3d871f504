import Foundation
import Testing
import TrainingRecipes

@Suite struct RecipeReferenceTests {
    private static let document = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Documentation/Training.md")
    private static let marks = ["<!-- recipe reference: begin -->\n", "<!-- recipe reference: end -->\n"]

    /// CONTRAFLOW_RECORD=1 writes the tables again.
    @Test("Training.md lists every key with its default, values and meaning")
    func documentedKeys() throws {
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        let begin = try #require(text.range(of: Self.marks[0])).upperBound
        let end = try #require(text.range(of: Self.marks[1])).lowerBound
        let reference = Self.reference()
        if ProcessInfo.processInfo.environment["CONTRAFLOW_RECORD"] != nil {
            try Data((text[..<begin] + reference + text[end...]).utf8).write(to: Self.document)
        } else {
            #expect(text[begin..<end] == reference)
        }
    }

    /// A table per section.
    private static func reference() -> String {
        let defaults = defaultValues()
        var lines: [String] = []
        var section = ""
        for field in Recipe.fields {
            if field.section != section {
                section = field.section
                lines += ["", "#### [\(section)]", "", "| key | default | values | meaning |", "|---|---|---|---|"]
            }
            let value = defaults[field.name] ?? ""
            lines.append("| `\(field.key)` | `\(value)` | \(values(of: field)) | \(field.meaning) |")
        }
        return lines.joined(separator: "\n").dropFirst() + "\n\n"
    }

    /// The values of the default recipe as TOML writes them, by the keys' full names.
    private static func defaultValues() -> [String: String] {
        var section = ""
        return Recipe().toml().split(separator: "\n").reduce(into: [:]) { values, line in
            if line.hasPrefix("[") { section = String(line.dropFirst().prefix { $0 != "]" }) }
            guard let equals = line.range(of: " = ") else { return }
            let rest = line[equals.upperBound...]
            let value = rest[..<(rest.range(of: " # ")?.lowerBound ?? rest.endIndex)]
            values["\(section).\(line[..<equals.lowerBound])"] = value.trimmingCharacters(in: .whitespaces)
        }
    }

    private static func values(of field: RecipeField) -> String {
        switch field.access {
        case .integer(_, let range):
            range.upperBound == .max ? "from \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        case .number(_, let range): range.rawValue
        case .text, .texts, .numbers, .flag, .word: field.typeName
        }
    }
}
