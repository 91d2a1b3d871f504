package import Foundation

extension StepMetrics {
    /// Returns the metrics as a line of `metrics.jsonl`, including the line break.
    package func line() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
