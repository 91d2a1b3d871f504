package import Foundation

/// A file that is open for reading.
package final class OpenFile: Sendable {
    /// The path in messages.
    package let path: String
    /// The number of bytes at the time of opening.
    package let size: Int
    private let descriptor: Int32

    /// Takes ownership of `descriptor`.
    ///
    /// - Throws: ``RunFileError`` if the file is a folder, a device or a pipe.
    init(path: String, descriptor: Int32) throws(RunFileError) {
        self.path = path
        self.descriptor = descriptor
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            size = 0
            throw RunFileError(path, "is not a file")
        }
        size = Int(status.st_size)
    }

    /// Opens a file that does not belong to a run. Its path may have links.
    package convenience init(_ url: URL) throws(RunFileError) {
        let descriptor = open(url.path(percentEncoded: false), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw RunFileError(url.relativePath, "open", code: errno) }
        try self.init(path: url.relativePath, descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// Returns bytes of the file.
    ///
    /// - Throws: ``RunFileError``.
    package func bytes(_ range: Range<Int>) throws -> Data {
        var data = Data(count: range.count)
        try data.withUnsafeMutableBytes { try read(into: $0, at: range.lowerBound) }
        return data
    }

    /// Returns all bytes of the file.
    ///
    /// - Parameter limit: The largest size. A larger file is refused before it is read.
    /// - Throws: ``RunFileError``.
    package func bytes(limit: Int) throws -> Data {
        guard size <= limit else { throw RunFileError(path, "has \(size) bytes, and at most \(limit) are expected") }
        return try bytes(0..<size)
    }

    /// Fills a buffer with the bytes from `offset` on.
    ///
    /// - Throws: ``RunFileError`` if the file ends before.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(RunFileError) {
        var rest = buffer
        while !rest.isEmpty {
            let position = offset + buffer.count - rest.count
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw RunFileError(path, "read", code: errno) }
            guard count > 0 else { throw RunFileError(path, "ends before byte \(offset + buffer.count)") }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Returns the checksum of the whole file.
    package func checksum() throws(RunFileError) -> UInt32 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(max(size, 1), 1 << 22), alignment: 64)
        defer { buffer.deallocate() }
        var checksum = CRC32C()
        for offset in stride(from: 0, to: size, by: buffer.count) {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, size - offset)])
            try read(into: part, at: offset)
            checksum.add(UnsafeRawBufferPointer(part))
        }
        return checksum.checksum
    }
}
