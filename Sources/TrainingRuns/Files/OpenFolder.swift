package import Foundation

/// A folder of a run, held open. Every file of a run is opened, written and deleted through its folder.
///
/// Names are plain: a name with `/` or of a symbolic link is refused, so that a folder from elsewhere cannot
/// lead to files outside of it. New files and folders get the permissions that the process's umask leaves. A file that
/// is written keeps its previous content until the new content is complete.
package final class OpenFolder: Sendable {
    /// The path in messages, relative if it was given so.
    package let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens the folder of a run. The folder itself may be reached by links.
    package convenience init(_ url: URL) throws(RunFileError) {
        let path = url.relativePath
        let descriptor = open(url.path(percentEncoded: false), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RunFileError(path, "open", code: errno) }
        self.init(path: path, descriptor: descriptor)
    }

    /// Opens a folder in this one.
    ///
    /// - Parameter creates: Whether to create the folder if it does not exist.
    package func folder(_ name: String, creates: Bool = false) throws(RunFileError) -> OpenFolder {
        let path = try checkedPath(name)
        if creates, mkdirat(descriptor, name, 0o777) != 0, errno != EEXIST {
            throw RunFileError(path, "create", code: errno)
        }
        let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw RunFileError(path, "open", code: isLink(name) ? ELOOP : errno) }
        return OpenFolder(path: path, descriptor: opened)
    }

    /// Whether the folder belongs to the user of this process.
    package var isOwn: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_uid == geteuid()
    }

    /// Returns the names in this folder, sorted.
    package func names() throws(RunFileError) -> [String] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw RunFileError(path, "read", code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Returns whether this folder has an entry of the name.
    package func has(_ name: String) -> Bool {
        Self.isPlain(name) && faccessat(descriptor, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Opens a file for reading.
    package func file(_ name: String) throws(RunFileError) -> OpenFile {
        let path = try checkedPath(name)
        // Without O_NONBLOCK, opening a named pipe would wait for its writer.
        let opened = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw RunFileError(path, "open", code: errno) }
        return try OpenFile(path: path, descriptor: opened)
    }

    /// Returns the content of a file.
    ///
    /// - Parameter limit: The largest size in bytes. A larger file is refused before it is read.
    /// - Throws: ``RunFileError``.
    package func read(_ name: String, limit: Int) throws -> Data {
        try file(name).bytes(limit: limit)
    }

    /// Replaces a file by new content, or creates it. An interruption leaves the previous or the new content.
    ///
    /// - Parameter isDurable: Whether the content has reached the disk on return. The entry of the name has after
    ///   ``synchronize()``.
    /// - Throws: ``RunFileError``.
    package func write(_ data: some DataProtocol, to name: String, isDurable: Bool = false) throws {
        let path = try checkedPath(name)
        let temporary = Self.temporaryPrefix + name
        unlinkat(descriptor, temporary, 0)
        let file = try create(temporary, O_WRONLY | O_EXCL, path: path)
        do {
            for region in data.regions { try region.withUnsafeBytes { try file.append($0) } }
            if isDurable { try file.synchronize() }
            guard renameat(descriptor, temporary, descriptor, name) == 0 else {
                throw RunFileError(path, "write", code: errno)
            }
        } catch {
            unlinkat(descriptor, temporary, 0)
            throw error
        }
    }

    /// Opens a file whose content grows, and creates it if it does not exist.
    ///
    /// - Parameter isEmpty: Whether to delete its present content.
    package func appending(to name: String, isEmpty: Bool = false) throws(RunFileError) -> GrowingFile {
        try create(name, O_WRONLY | O_APPEND | (isEmpty ? O_TRUNC : 0), path: try checkedPath(name))
    }

    private func create(_ name: String, _ flags: Int32, path: String) throws(RunFileError) -> GrowingFile {
        GrowingFile(path: path, descriptor: try opened(name, flags, path: path))
    }

    /// Opens a file for writing, creates it if it does not exist, and returns its descriptor, which the caller closes.
    func writable(_ name: String, _ flags: Int32) throws(RunFileError) -> Int32 {
        try opened(name, flags, path: try checkedPath(name))
    }

    private func opened(_ name: String, _ flags: Int32, path: String) throws(RunFileError) -> Int32 {
        // Without O_NONBLOCK, opening a named pipe would wait for its reader.
        let opened = openat(descriptor, name, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard opened >= 0 else { throw RunFileError(path, "write", code: errno) }
        return opened
    }

    /// Renames an entry of this folder. A file of the new name is replaced.
    package func rename(_ name: String, to newName: String) throws(RunFileError) {
        let path = try checkedPath(name)
        let newPath = try checkedPath(newName)
        guard renameat(descriptor, name, descriptor, newName) == 0 else {
            throw RunFileError(path, "rename to \(newPath)", code: errno)
        }
    }

    /// Renames an entry to the first of `newName-1`, `newName-2`, … that is free.
    func setAside(_ name: String, as newName: String) throws(RunFileError) {
        try rename(name, to: freeName(newName))
    }

    /// Returns the first of `name-1`, `name-2`, … that is free.
    func freeName(_ name: String) -> String {
        var number = 1
        while has("\(name)-\(number)") { number += 1 }
        return "\(name)-\(number)"
    }

    /// Moves an entry to another folder on the same file system, which has no entry of the name.
    func move(_ name: String, to folder: OpenFolder) throws(RunFileError) {
        let path = try checkedPath(name)
        guard renameat(descriptor, name, folder.descriptor, name) == 0 else {
            throw RunFileError(path, "move to \(folder.path)", code: errno)
        }
    }

    /// Deletes a file or a link. Does nothing if there is none.
    package func removeFile(_ name: String) throws(RunFileError) {
        let path = try checkedPath(name)
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw RunFileError(path, "delete", code: errno)
        }
    }

    /// Deletes a folder that has no entries. Does nothing if there is none.
    package func removeFolder(_ name: String) throws(RunFileError) {
        let path = try checkedPath(name)
        guard unlinkat(descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw RunFileError(path, "delete", code: errno)
        }
    }

    /// Deletes what an interrupted ``write(_:to:isDurable:)`` has left.
    package func removeLeftovers() throws(RunFileError) {
        for name in try names() where name.hasPrefix(Self.temporaryPrefix) { try removeFile(name) }
    }

    /// Waits until the names in this folder have reached the disk.
    package func synchronize() throws(RunFileError) {
        // Some network file systems refuse fsync for folders: they keep names at once.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw RunFileError(path, "write", code: errno) }
    }

    private static let temporaryPrefix = ".writing-"

    private func isLink(_ name: String) -> Bool {
        var status = stat()
        return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private func checkedPath(_ name: String) throws(RunFileError) -> String {
        let path = "\(self.path)/\(name)"
        guard Self.isPlain(name) else {
            throw RunFileError(path, "is not the name of a file in \(self.path): give a name without '/'")
        }
        return path
    }

    /// Returns whether the name is one of a file in a folder: not of a path, of a parent or of a control character.
    package static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 200
            && !name.unicodeScalars.contains { $0 == "/" || $0.properties.generalCategory == .control }
    }
}
