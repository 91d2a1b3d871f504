/// The file formats that profilers write. A file's first bytes tell its format.
public enum TraceFormat: Hashable, Sendable {
    /// Chrome-trace JSON as Kineto and Perfetto write it, whose top level is an object or an array.
    case json
    /// Chrome-trace JSON compressed with gzip.
    case gzip
    /// Chrome-trace JSON compressed with Zstandard.
    case zstandard
    /// An SQLite database, as Nsight Systems exports it.
    case sqlite

    /// The format of a file that begins with `bytes`; nil if it is none of these formats. 16 bytes are enough, unless
    /// JSON begins with more white space than that.
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
