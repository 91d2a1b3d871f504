/// A path that leads to no trace, described in one line.
public enum TraceFilesError: Error, Hashable, CustomStringConvertible {
    /// There is no such file or folder.
    case missing(String)
    /// The folder cannot be listed.
    case unreadableFolder(String)
    /// The folder is that of a training run which has not written its timeline.
    case runWithoutTimeline(String)
    /// The folder holds no trace.
    case folderWithoutTrace(String)

    /// The path, the reason and the remedy.
    public var description: String {
        switch self {
        case .missing(let path): "cannot read \(path): No such file or directory"
        case .unreadableFolder(let path): "cannot read the folder \(path)"
        case .runWithoutTimeline(let path): "\(path) holds no \(TraceFiles.runTimeline): a run writes it when it ends"
        case .folderWithoutTrace(let path):
            "\(path) holds no trace: none of its files ends in .json, .json.gz, .json.zst or .sqlite"
        }
    }
}
