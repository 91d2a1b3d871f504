import Foundation
import Testing

/// Returns the text of a file; empty if it cannot be read.
func text(_ url: URL) -> String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }

/// Returns the losses of all steps of a run, in their order.
func losses(_ run: URL) throws -> [Double] {
    try text(run.appending(path: "metrics.jsonl")).split(separator: "\n").map {
        let object = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        return try #require(object?["loss"] as? Double)
    }
}

/// Waits until `isTrue` returns true, at most one minute.
func wait(until isTrue: () -> Bool) throws {
    for _ in 0..<1200 {
        if isTrue() { return }
        Thread.sleep(forTimeInterval: 0.05)
    }
    throw CocoaError(.featureUnsupported)
}

/// Waits until the run has trained a step, at most one minute.
func wait(for step: Int, of run: URL) throws {
    try wait { text(run.appending(path: "metrics.jsonl")).contains("\"step\":\(step),") }
}
