import ArgumentParser

/// Parses sizes with a unit.
enum ByteCount {
    private static let units: [(name: String, size: Double)] = [
        ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776), ("kb", 1e3), ("mb", 1e6),
        ("gb", 1e9), ("tb", 1e12), ("b", 1),
    ]

    /// Returns the number of bytes of a size such as `44MB`, `1.5GiB` or `1000000`.
    static func parse(_ text: String, _ option: String) throws -> Int {
        let lower = text.lowercased()
        let unit = units.first { lower.hasSuffix($0.name) }
        let number = lower.dropLast(unit?.name.count ?? 0).filter { $0 != " " && $0 != "_" }
        guard let value = Double(number), value >= 0, value * (unit?.size ?? 1) <= 1e15 else {
            throw ValidationError("\(option) is '\(text)': give a size such as 44MB or 1.5GiB, at most 1000TB")
        }
        return Int(value * (unit?.size ?? 1))
    }
}
