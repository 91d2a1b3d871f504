import Foundation

/// A file that is locked by its owner and names it.
package final class LockFile: Sendable {
    /// The content of the file.
    struct Owner: Equatable {
        let host: String
        let process: String
        /// The number of times that the owner has written the file.
        let count: String

        static let host = ProcessInfo.processInfo.hostName
    }

    /// The result of taking the lock.
    package enum State {
        case own
        /// Another process has the lock.
        case taken
        /// The file system has no locks.
        case withoutLocks
    }

    private let descriptor: Int32

    /// Takes ownership of `descriptor`, which must be open for reading and writing.
    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    package func take() -> State {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return .own }
        return errno == EWOULDBLOCK ? .taken : .withoutLocks
    }

    /// The owner that the file names; nil if the last owner has released the lock.
    var owner: Owner? {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let words = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).split { $0.isWhitespace }
        guard words.count >= 3 else { return nil }
        return Owner(host: String(words[0]), process: String(words[1]), count: String(words[2]))
    }

    /// Writes this process as the owner.
    func write(count: Int) {
        let text = "\(Owner.host) \(getpid()) \(count)\n"
        _ = pwrite(descriptor, text, text.utf8.count, 0)
    }

    func release() {
        ftruncate(descriptor, 0)
        flock(descriptor, LOCK_UN)
    }
}

extension OpenFolder {
    /// Opens a file that locks something in this folder, and creates it if it does not exist.
    package func lockFile(_ name: String) throws(RunFileError) -> LockFile {
        LockFile(descriptor: try writable(name, O_RDWR))
    }
}
