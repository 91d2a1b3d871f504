import Foundation
import TrainingRecipes
import TrainingRuns

/// The folder of the ranks' rendezvous, which no other user may read. It holds the store of the rendezvous, and the
/// recipe until rank 0 writes it to the run's folder.
struct RendezvousFolder {
    private static let prefix = "contraflow-"

    let url: URL
    private let lock: LockFile

    /// Creates the folder, and removes those that launchers have left that were killed.
    init() throws {
        let parent = FileManager.default.temporaryDirectory
        Self.removeLeftovers(in: parent)
        url = parent.appending(path: Self.prefix + UUID().uuidString, directoryHint: .isDirectory)
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            lock = try OpenFolder(url).lockFile("lock")
        } catch {
            throw CommandError(
                "cannot create a folder for the ranks' rendezvous in \(parent.path): \(error.reason): set TMPDIR to "
                    + "another folder")
        }
        _ = lock.take()
    }

    func remove() { try? FileManager.default.removeItem(at: url) }

    /// Removes the folders of launchers that no longer run: those that are older than a minute and whose lock is free.
    private static func removeLeftovers(in parent: URL) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? [] {
            let folder = parent.appending(path: name, directoryHint: .isDirectory)
            guard name.hasPrefix(prefix), UUID(uuidString: String(name.dropFirst(prefix.count))) != nil,
                let opened = try? OpenFolder(folder), opened.isOwn, opened.has("lock"), Self.isOld(folder),
                (try? opened.lockFile("lock"))?.take() == .own
            else { continue }
            try? FileManager.default.removeItem(at: folder)
        }
    }

    private static func isOld(_ folder: URL) -> Bool {
        let date = try? folder.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
        return date.map { $0.timeIntervalSinceNow < -60 } ?? false
    }
}
