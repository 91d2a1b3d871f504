import ArgumentParser
import ExpertBalancing

/// The loads that a command reads, with the names that output gives them.
struct NamedLoads {
    var streams: [LoadStream]
    /// The history of each file that a run has written; nil for other files.
    var histories: [LoadHistory?]
    var names: [String]
    /// Doubts about the files and their meaning, one line each.
    var notes: [String]

    /// The sum of each stream's windows.
    func totals() throws -> [ExpertLoads] { try streams.map { try $0.total() } }
}

/// The options of a command that reads loads.
struct LoadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Experts per layer, for a CSV of counts, which may omit experts without tokens.", valueName: "n"))
    var experts: Int?

    func validate() throws {
        if let experts, !(1...1 << 16).contains(experts) {
            throw ValidationError("--experts is \(experts): give 1 to \(1 << 16)")
        }
    }

    /// Reads the loads in a file, or in standard input for "-".
    func read(_ path: String) throws -> NamedLoads { try read([path]) }

    /// Reads one workload per file. Lists of counts are summed, because each rank of a run writes one.
    ///
    /// - Throws: ``CommandError`` that begins with the name of the file.
    func read(_ paths: [String]) throws -> NamedLoads {
        let files = try paths.map(file)
        var notes = zip(paths, files).flatMap { path, file in file.notes.map { "\(path): \($0)" } }
        let lists = zip(paths, files).filter(\.1.isCountList)
        var result = NamedLoads(
            streams: files.map(\.stream), histories: files.map(\.history), names: names(paths), notes: [])
        if let (path, _) = lists.first, files.count > 1 {
            guard lists.count == files.count else {
                let other = zip(paths, files).first { !$0.1.isCountList }?.0 ?? ""
                throw CommandError(
                    "\(path) lists counts per expert, which are summed over the ranks of a run, but \(other) does not: "
                        + "give files of one kind")
            }
            result.streams = [try LoadFile.sum(files).stream]
            result.names = ["\(result.names[0]) and \(files.count - 1) more"]
            notes.append("the counts of the \(files.count) files are summed, as those of the ranks of one run")
        }
        if !lists.isEmpty, experts == nil {
            notes.append(
                "\(counted(result.streams[0].expertCount, "expert")), by the largest index in the file: give --experts if "
                    + "the model has more")
        }
        for (stream, name) in zip(result.streams, result.names) { try requireLoad(stream, name) }
        result.notes = notes + unloadedLayers(result.streams)
        return result
    }

    private func file(_ path: String) throws -> LoadFile {
        let bytes = try readInput(path)
        do {
            return try LoadFile(contents: bytes, name: path, expertCount: experts)
        } catch {
            throw CommandError("\(path): \(error)")
        }
    }

    /// The names of the files without their folders, or the paths if two names are equal.
    private func names(_ paths: [String]) -> [String] {
        let short = paths.map { String($0.split(separator: "/").last ?? "") }
        return Set(short).count == paths.count ? short : paths
    }

    private func requireLoad(_ stream: LoadStream, _ name: String) throws {
        guard stream.windows.contains(where: \.hasLoad) else {
            throw CommandError("\(name): all loads are 0: record them while the model serves tokens")
        }
    }

    /// Returns a line that names the layers without load, such as dense layers, if there are any.
    private func unloadedLayers(_ streams: [LoadStream]) -> [String] {
        let layers = (0..<streams[0].layerCount).filter { layer in
            streams.allSatisfy { $0.windows.allSatisfy { $0.total(ofLayer: layer) == 0 } }
        }
        guard !layers.isEmpty else { return [] }
        let count = streams[0].layerCount
        return ["layers without load, left out of the figures: \(layers.count) of \(count)"]
    }
}
