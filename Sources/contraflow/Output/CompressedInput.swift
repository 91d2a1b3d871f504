import StreamCompression

/// Reads a file as ``readFile(_:)`` does, and decompresses gzip and zstd.
func readInput(_ path: String) throws -> [UInt8] {
    do {
        return try CompressedFile.contents(readFile(path))
    } catch let error as CompressedFile.DecompressionError {
        throw CommandError("\(path == "-" ? "standard input" : path) \(error)")
    }
}
