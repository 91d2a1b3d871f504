package import Foundation

extension StepMetrics {
    /// Returns the metrics in the contents of `metrics.jsonl`. Incomplete lines are skipped.
    package static func lines(in data: Data) -> [StepMetrics] {
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(StepMetrics.self, from: $0) }
    }

    /// Returns the metrics as a line of `metrics.jsonl`, including the line break.
    package func line() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
