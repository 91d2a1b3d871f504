public import Foundation
import StreamCompression
public import Timelines

/// The folder with the files of one run: recipe, metrics, TensorBoard events, timeline, report, checkpoint and weights.
///
/// Each run creates a new folder and never overwrites the folder of another run.
public struct RunFolder: Hashable, Sendable {
    /// The location of the folder.
    public let url: URL

    /// Creates the description of a folder that exists already.
    public init(url: URL) {
        self.url = url
    }

    /// Creates the folder `<parent>/<name>`, or `<name>-2`, `<name>-3`, … if it exists already.
    ///
    /// - Throws: A Cocoa error if the folder cannot be created.
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

    /// The file of the resolved recipe: the preset, changed by recipe files and options.
    public var recipe: URL { url.appending(path: "recipe.toml") }
    /// The file of the schedule, if the recipe takes it from a CSV file.
    public var schedule: URL { url.appending(path: "schedule.csv") }
    /// The placement of experts, if the recipe has one.
    public var placement: URL { url.appending(path: "placement.json") }
    /// The file of the metrics, with one JSON object per step.
    public var metrics: URL { url.appending(path: "metrics.jsonl") }
    /// The file of the measured timeline of the last step, for Perfetto.
    public var timeline: URL { url.appending(path: "timeline.json.gz") }
    /// The file of the report, for a browser.
    public var report: URL { url.appending(path: "report.html") }
    /// The folder of the checkpoints, from which a resumed run continues.
    public var checkpoint: URL { url.appending(path: "checkpoint", directoryHint: .isDirectory) }
    /// The folder of the trained weights, in the format of Hugging Face's transformers.
    public var weights: URL { url.appending(path: "weights", directoryHint: .isDirectory) }

    /// The index of the weights, which names the file of each weight.
    public var weightsIndex: URL { weights.appending(path: "model.safetensors.index.json") }
    /// The Hugging Face configuration of the weights' model.
    public var weightsConfiguration: URL { weights.appending(path: "config.json") }

    /// Returns the name of the file of the weights that one rank owns.
    ///
    /// - Parameters:
    ///   - rank: The index of the rank among those that own weights.
    ///   - worldSize: The number of ranks that own weights.
    public static func weightsFileName(rank: Int, of worldSize: Int) -> String {
        func padded(_ number: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(5 - digits.count, 0)) + digits
        }
        return "model-\(padded(rank + 1))-of-\(padded(worldSize)).safetensors"
    }

    /// Returns the log of a rank: its standard error.
    public func log(rank: Int) -> URL { url.appending(path: "rank-\(rank).log") }

    /// Removes the folder of a new run that has neither metrics nor a checkpoint.
    package func removeIfUnused() {
        guard readMetrics().isEmpty, (try? CheckpointFolder(url: checkpoint).steps()) == [] else { return }
        try? FileManager.default.removeItem(at: url)
    }

    /// Reads the metrics of the steps up to `last`. Incomplete lines are skipped.
    package func readMetrics(through last: Int = .max) -> [StepMetrics] {
        let data = (try? OpenFolder(url).read(metrics.lastPathComponent, limit: 1 << 33)) ?? Data()
        return StepMetrics.lines(in: data).filter { $0.step <= last }
    }

    /// Replaces the metrics by those of `steps`.
    package func write(_ steps: [StepMetrics]) throws {
        let lines = Data(try steps.map { try $0.line() }.joined())
        try OpenFolder(url).write(lines, to: metrics.lastPathComponent)
    }

    /// Writes the measured timeline.
    ///
    /// - Throws: A Cocoa error if the file cannot be written.
    public func write(_ timeline: Timeline) throws {
        let data = GzipEncoder.encode(Data(timeline.chromeTraceJSON().utf8))
        try OpenFolder(url).write(data, to: self.timeline.lastPathComponent)
    }
}
