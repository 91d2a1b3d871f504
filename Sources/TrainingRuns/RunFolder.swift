public import Foundation

/// The folder that keeps everything of one run: recipe, metrics, events, timeline, report and weights.
///
/// A run's folder is new each time and never overwritten.
public struct RunFolder: Hashable, Sendable {
    /// Where the folder is.
    public let url: URL

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
    /// The measured timeline, which Perfetto opens.
    public var timeline: URL { url.appending(path: "timeline.json.gz") }
    /// The report that a browser opens.
    public var report: URL { url.appending(path: "report.html") }
    /// The trained weights.
    public var weights: URL { url.appending(path: "weights.safetensors") }
}
