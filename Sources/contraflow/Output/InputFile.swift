import Foundation
import StreamCompression
import SystemPackage
import TrainingRecipes

/// The largest size of a file of loads, a map or a schedule, in bytes, also after it is decompressed.
let inputLimit = 1 << 31

/// Reads the bytes of a file, a pipe or a device that the user named, or of standard input for "-".
///
/// - Throws: ``CommandError`` if the file cannot be read or has more bytes than `limit`.
func readFile(_ path: String, limit: Int = inputLimit) throws -> [UInt8] {
    let name = path == "-" ? "standard input" : path
    do {
        let file =
            path == "-" ? .standardInput : try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        defer { if path != "-" { try? file.close() } }
        var bytes: [UInt8] = []
        // A pipe or a device has no size, and its bytes arrive in parts.
        var capacity = Int(try Stat(file).size) + 1
        while true {
            guard max(capacity - 1, bytes.count) <= limit else {
                throw CommandError("\(name) has more than \(limit) bytes: give a smaller file")
            }
            let part = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !part.isEmpty else { return bytes }
            if bytes.isEmpty { bytes = part } else { bytes += part }
            capacity = min(limit, 1 << 20)
        }
    } catch let error as Errno {
        throw CommandError("cannot read \(name): \(error)")
    }
}

/// Reads a file as ``readFile(_:limit:)`` does, and decompresses gzip and zstd.
func readInput(_ path: String, limit: Int = inputLimit) throws -> [UInt8] {
    do {
        return try CompressedFile.contents(readFile(path, limit: limit), limit: limit)
    } catch let error as CompressedFile.DecompressionError {
        throw CommandError("\(path == "-" ? "standard input" : path) \(error)")
    }
}
