package import Foundation

extension StepMetrics {
    /// The step as a line of `metrics.jsonl`, its end included.
    package func line() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
