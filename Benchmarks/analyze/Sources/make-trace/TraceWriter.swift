import Foundation

/// A writer that writes text to a file in pieces of one megabyte.
struct TraceWriter {
    private let file: FileHandle
    private var buffer = Data()
    private(set) var count = 0

    init(_ path: String) throws {
        FileManager.default.createFile(atPath: path, contents: nil)
        file = try FileHandle(forWritingTo: URL(filePath: path))
    }

    mutating func write(_ text: some Sequence<UInt8>) throws {
        let before = buffer.count
        buffer.append(contentsOf: text)
        count += buffer.count - before
        if buffer.count > 1 << 20 { try flush() }
    }

    mutating func flush() throws {
        try file.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
