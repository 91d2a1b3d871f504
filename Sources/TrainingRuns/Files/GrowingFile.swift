package import Foundation

/// A file that is open for writing at its end.
package final class GrowingFile: Sendable {
    private let path: String
    /// The file's descriptor, which the file closes.
    package let descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(RunFileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw RunFileError(path, "write", code: errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// - Throws: ``RunFileError``.
    package func append(_ data: Data) throws {
        try data.withUnsafeBytes { try append($0) }
    }

    /// Waits until the content has reached the disk.
    func synchronize() throws(RunFileError) {
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw RunFileError(path, "write", code: errno) }
    }
}
