import Foundation
import Synchronization

/// The lock on a run's folder, so that two runs do not write to it at the same time.
///
/// The lock is one of the file system, which the system releases when the process ends. Some file systems of clusters
/// have no locks, or locks of one machine only. The owner therefore also changes the file `lock` every few seconds.
/// Another machine watches the file for longer than that, and takes the folder only if the file does not change.
package final class RunLock: Sendable {
    /// The time between changes of the file, and the time in which another machine must see a change, in seconds.
    private static let (interval, patience) = (3.0, 12.0)

    private let file: LockFile
    private let isReleased = Mutex(false)

    /// Takes the lock.
    ///
    /// - Parameter onWait: Receives a line before the file is watched for a change, which takes 12 s.
    /// - Throws: ``RunFileError`` if another run has the lock, or the file cannot be written.
    package init(_ folder: RunFolder, onWait: (String) -> Void) throws(RunFileError) {
        let path = folder.url.relativePath
        file = try OpenFolder(folder.url).lockFile("lock")
        let state = file.take()
        let owner = file.owner
        guard state != .taken else { throw Self.taken(path, by: owner) }
        if let owner, state == .withoutLocks || owner.host != LockFile.Owner.host {
            onWait("\(path) was in use on \(owner.host): waiting \(Int(Self.patience)) s to see whether it still is")
            Thread.sleep(forTimeInterval: Self.patience)
            guard file.owner == owner else { throw Self.taken(path, by: file.owner) }
        }
        Thread.detachNewThread { [self] in
            var count = 0
            while writeIfHeld(count: count) {
                count += 1
                Thread.sleep(forTimeInterval: Self.interval)
            }
        }
    }

    /// Changes the file, unless the lock is released. Returns whether it is held.
    private func writeIfHeld(count: Int) -> Bool {
        isReleased.withLock { isReleased in
            if !isReleased { file.write(count: count) }
            return !isReleased
        }
    }

    /// Releases the lock, so that another machine can take the folder without watching it.
    package func release() {
        isReleased.withLock {
            $0 = true
            file.release()
        }
    }

    private static func taken(_ path: String, by owner: LockFile.Owner?) -> RunFileError {
        let name = owner.map { " (process \($0.process) on \($0.host))" } ?? ""
        return RunFileError(path, "is in use by another run\(name): wait for its end, or end it")
    }
}
