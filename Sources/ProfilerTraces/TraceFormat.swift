/// The file formats that profilers write, told by a file's first bytes.
public enum TraceFormat: Hashable, Sendable {
    /// Chrome-trace JSON, as Kineto and Perfetto write it: an object or a top-level array.
    case json
    /// JSON under gzip.
    case gzip
    /// JSON under Zstandard.
    case zstandard
    /// An Nsight Systems export.
    case sqlite

    /// The format of a file that begins with `bytes`, of which 16 are enough; nil where it is none of them.
    public init?(firstBytes bytes: some Collection<UInt8>) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstandard
        } else if bytes.starts(with: "SQLite format 3\0".utf8) {
            self = .sqlite
        } else {
            let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
            let first = text.first { !" \t\r\n".utf8.contains($0) }
            guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
            self = .json
        }
    }
}
