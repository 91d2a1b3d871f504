import Dispatch
import Foundation
import ProfilerTraces
import Synchronization
import Timelines
import TrainingRuns

/// The traces that a user named: files, and those in folders.
struct TraceFiles {
    /// The files, in the order given; those of a folder or a pattern by name.
    let paths: [String]
    /// How long the last step of a training run took by its own metrics, in nanoseconds, where a run is what was named.
    let step: Int64?

    init(_ named: [String]) throws {
        var paths: [String] = []
        for path in named.flatMap(Self.expanded) {
            if path == "-" {
                paths.append("/dev/stdin")
                continue
            }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw CommandError("cannot read \(path): No such file or directory")
            }
            guard isFolder.boolValue else {
                paths.append(path)
                continue
            }
            let inside: [String]
            do {
                inside = try FileManager.default.contentsOfDirectory(atPath: path)
            } catch {
                throw CommandError("cannot read the folder \(path)")
            }
            if inside.contains(Self.runTimeline), inside.contains("metrics.jsonl") {
                paths.append(Self.inside(path, Self.runTimeline))
                continue
            }
            let traces = inside.filter(Self.isTrace).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            if traces.isEmpty, inside.contains("recipe.toml") {
                throw CommandError("\(path) holds no \(Self.runTimeline): a run writes it when it ends")
            }
            if traces.isEmpty {
                throw CommandError(
                    "\(path) holds no trace: none of its files ends in .json, .json.gz, .json.zst or .sqlite")
            }
            paths += traces.map { Self.inside(path, $0) }
        }
        self.paths = paths
        step = paths.count == 1 ? Self.step(of: paths[0]) : nil
    }

    /// What a training run leaves of its last step.
    private static let runTimeline = "timeline.json.gz"

    private static func inside(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// The paths that a pattern stands for, by name, where no shell has seen to it; all else as it is.
    private static func expanded(_ path: String) -> [String] {
        guard path.contains(where: { "*?[".contains($0) }), !FileManager.default.fileExists(atPath: path) else {
            return [path]
        }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(path, 0, nil, &found) == 0 else { return [path] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }

    private static func step(of path: String) -> Int64? {
        let url = URL(filePath: path)
        guard url.lastPathComponent == runTimeline else { return nil }
        let metrics = RunFolder(url: url.deletingLastPathComponent()).readMetrics()
        return metrics.last.flatMap { Int64(exactly: ($0.seconds * 1e9).rounded()) }
    }

    private static func isTrace(_ name: String) -> Bool {
        let ends = [".json", ".json.gz", ".json.zst", ".json.zstd", ".sqlite"]
        return !name.hasPrefix(".") && ends.contains { name.hasSuffix($0) }
    }

    /// Reads all files, as many at once as there are cores, and gives every rank a number of its own.
    func read(rules: KernelRules, limits: TraceReadLimits) throws -> [RankTrace] {
        let results = Mutex([Result<[RankTrace], any Error>?](repeating: nil, count: paths.count))
        let paths = paths
        DispatchQueue.concurrentPerform(iterations: paths.count) { index in
            let result = Result { try RankTrace.ranks(path: paths[index], rules: rules, limits: limits) }
            results.withLock { $0[index] = result }
        }
        var traces: [RankTrace] = []
        for result in results.withLock({ $0 }) {
            traces += try result?.get() ?? []
        }
        if traces.count > 1, Set(traces.map(\.rank)).count < traces.count {
            note("several traces are of one rank: they are numbered in the order given")
            for index in traces.indices { traces[index].assign(rank: index) }
        }
        for trace in traces {
            if trace.isCut { note("\(trace.path) is cut off: the \(trace.eventCount) events before the cut were read") }
            if trace.leftOut > 0 {
                let (events, were) = trace.leftOut == 1 ? ("event", "was") : ("events", "were")
                note("\(trace.path): \(trace.leftOut) \(events) without a proper time \(were) left out")
            }
            if trace.timeline.spans.isEmpty { note("\(trace.path) has no work of a device") }
        }
        return traces
    }
}
