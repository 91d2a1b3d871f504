import StreamCompression
import SystemPackage

/// Reads the bytes of a file or a pipe that the user named.
func readFile(_ path: String) throws -> [UInt8] {
    do {
        let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try descriptor.closeAfter { try contents(of: descriptor) }
    } catch let error as Errno {
        throw CommandError("cannot read \(path): \(error)")
    }
}

/// Reads a file or a pipe, or standard input for "-", and decompresses gzip and zstd.
func readInput(_ path: String) throws -> [UInt8] {
    let bytes: [UInt8]
    do {
        bytes = path == "-" ? try contents(of: .standardInput) : try readFile(path)
    } catch let error as Errno {
        throw CommandError("cannot read standard input: \(error)")
    }
    do {
        return try CompressedFile.contents(bytes)
    } catch {
        throw CommandError("\(path == "-" ? "standard input" : path) \(error)")
    }
}

private func contents(of descriptor: FileDescriptor) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = try part.withUnsafeMutableBytes({ try descriptor.read(into: $0) }), count > 0 {
        bytes += part[..<count]
    }
    return bytes
}
