import Foundation
import SystemPackage
import Timelines

/// The trace files that a user named, directly or by their folder.
public struct TraceFiles: Hashable, Sendable {
    /// The paths of the files, in the order given. The files of a folder or a pattern are in the order of their names.
    public let paths: [String]

    /// The file name of the timeline in a training run's folder.
    package static let runTimeline = "timeline.json.gz"

    /// Finds the files that paths name.
    ///
    /// A path is a file, a folder of traces, the folder of a training run, a pattern with `*`, `?` or `[`, or `-` for
    /// standard input.
    ///
    /// - Throws: ``TraceFilesError`` if there is no file at a path.
    public init(_ named: [String]) throws(TraceFilesError) {
        var paths: [String] = []
        for path in named.flatMap(Self.expanded) { paths += try Self.files(of: path) }
        self.paths = paths
    }

    /// Reads all files, in parallel on all cores. If two traces have the same rank, all traces are renumbered in their
    /// order, with a note on each.
    ///
    /// - Throws: ``TraceReadError`` if a file cannot be read or is not a trace.
    public func read(
        rules: KernelRules = KernelRules(), limits: TraceReadLimits = TraceReadLimits()
    ) throws(TraceReadError) -> [RankTrace] {
        let results = inParallel(paths.count) { index in
            Result { () throws(TraceReadError) in try RankTrace.ranks(path: paths[index], rules: rules, limits: limits)
            }
        }
        var traces: [RankTrace] = []
        for result in results { traces += try result.get() }
        if traces.count > 1, Set(traces.map(\.rank)).count < traces.count {
            let stated = traces.filter(\.statesRank).map(\.rank)
            let note = TraceNote(Set(stated).count < stated.count ? .renumbered : .withoutRank)
            for index in traces.indices {
                traces[index].assign(rank: index)
                traces[index].notes.append(note)
            }
        }
        return traces
    }

    private static func files(of path: String) throws(TraceFilesError) -> [String] {
        if path == "-" { return ["/dev/stdin"] }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .missing(path) }
        guard isFolder.boolValue else { return [path] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw .unreadableFolder(path)
        }
        let folder = path.hasSuffix("/") ? path : path + "/"
        if names.contains(runTimeline), names.contains("metrics.jsonl") { return [folder + runTimeline] }
        // Opening a pipe would wait for its writer.
        let traces = names.filter(isTrace).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .filter { (try? Stat(FilePath(folder + $0)).type) == .regular }
        if traces.isEmpty {
            throw names.contains("recipe.toml") ? .runWithoutTimeline(path) : .folderWithoutTrace(path)
        }
        return traces.map { folder + $0 }
    }

    /// The paths that match a pattern, by name; any other path, and a pattern that nothing matches, unchanged.
    private static func expanded(_ path: String) -> [String] {
        guard path.contains(where: { "*?[".contains($0) }), !FileManager.default.fileExists(atPath: path) else {
            return [path]
        }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(path, 0, nil, &found) == 0 else { return [path] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }

    private static func isTrace(_ name: String) -> Bool {
        let ends = [".json", ".json.gz", ".json.zst", ".json.zstd", ".sqlite"]
        return !name.hasPrefix(".") && ends.contains { name.hasSuffix($0) }
    }
}
