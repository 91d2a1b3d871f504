public import Foundation
import StreamCompression
public import Timelines

/// The folder that keeps everything of one run: recipe, metrics, events, timeline, report and weights.
///
/// A run's folder is new each time and never overwritten.
public struct RunFolder: Hashable, Sendable {
    /// Where the folder is.
    public let url: URL

    /// A folder that exists already.
    public init(url: URL) {
        self.url = url
    }

    /// Makes the folder `<parent>/<name>`, or `<name>-2`, `<name>-3`, … where it exists already.
    ///
    /// - Throws: A Cocoa error where the folder cannot be made.
    public static func create(named name: String, in parent: URL) throws -> RunFolder {
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        var attempt = 1
        while true {
            let url = parent.appending(path: attempt == 1 ? name : "\(name)-\(attempt)", directoryHint: .isDirectory)
            do {
                try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
                return RunFolder(url: url)
            } catch CocoaError.fileWriteFileExists {
                attempt += 1
            }
        }
    }

    /// The recipe as it was resolved: preset, file and options together.
    public var recipe: URL { url.appending(path: "recipe.toml") }
    /// One JSON object a step.
    public var metrics: URL { url.appending(path: "metrics.jsonl") }
    /// The measured timeline of the last step, which Perfetto opens.
    public var timeline: URL { url.appending(path: "timeline.json.gz") }
    /// The report that a browser opens.
    public var report: URL { url.appending(path: "report.html") }
    /// What training goes on from.
    public var checkpoint: URL { url.appending(path: "checkpoint", directoryHint: .isDirectory) }
    /// The folder of the trained weights, in the form that Hugging Face's transformers opens.
    public var weights: URL { url.appending(path: "weights", directoryHint: .isDirectory) }

    /// Which file has which of the weights.
    public var weightsIndex: URL { weights.appending(path: "model.safetensors.index.json") }
    /// The model that the weights are of.
    public var weightsConfiguration: URL { weights.appending(path: "config.json") }

    /// The weights that one rank answers for; ranks that answer for none are not counted.
    public func weightsFile(rank: Int, of worldSize: Int) -> URL {
        func padded(_ number: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(5 - digits.count, 0)) + digits
        }
        return weights.appending(path: "model-\(padded(rank + 1))-of-\(padded(worldSize)).safetensors")
    }

    /// What a rank has to say beside its numbers.
    public func log(rank: Int) -> URL { url.appending(path: "rank-\(rank).log") }

    /// The metrics of the steps so far, up to `last`; a line that was cut short is left out.
    package func readMetrics(through last: Int = .max) -> [StepMetrics] {
        let data = (try? Data(contentsOf: metrics)) ?? Data()
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(StepMetrics.self, from: $0) }
            .filter { $0.step <= last }
    }

    /// Makes the metrics those of `steps`.
    package func write(_ steps: [StepMetrics]) throws {
        try Data(steps.map { try $0.line() }.joined()).write(to: metrics, options: .atomic)
    }

    /// Writes the measured timeline.
    ///
    /// - Throws: A Cocoa error where the file cannot be written.
    public func write(_ timeline: Timeline) throws {
        try GzipEncoder.encode(Data(timeline.chromeTraceJSON().utf8)).write(to: self.timeline, options: .atomic)
    }
}
