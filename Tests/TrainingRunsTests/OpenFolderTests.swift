import Foundation
import TestSupport
import Testing
import TrainingRuns

@Suite("Folders of runs") struct OpenFolderTests {
    @Test("A file that is written is read, and a longer file than the limit is refused by name and size")
    func writing() throws {
        try withTemporaryFolder { url in
            let folder = try OpenFolder(url)
            try folder.write(Data("one".utf8), to: "a")
            try folder.write(Data("four".utf8), to: "a", isDurable: true)
            try folder.appending(to: "a").append(Data("!".utf8))
            #expect(try folder.read("a", limit: 5) == Data("four!".utf8))
            let error = try #require(throws: RunFileError.self) { try folder.read("a", limit: 4) }
            #expect(error.description.hasSuffix("/a has 5 bytes, and at most 4 are expected"))
            #expect(try folder.names() == ["a"])
        }
    }

    @Test("New files have the permissions that the umask leaves") func permissions() throws {
        try withTemporaryFolder { url in
            let before = umask(0o027)
            defer { umask(before) }
            let folder = try OpenFolder(url)
            try folder.write(Data(), to: "file")
            _ = try folder.appending(to: "log")
            _ = try folder.folder("folder", creates: true)
            for (name, mode) in [("file", 0o640), ("log", 0o640), ("folder", 0o750)] {
                let attributes = try FileManager.default.attributesOfItem(atPath: url.appending(path: name).path)
                #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
            }
        }
    }

    @Test("Links are neither read, written through, entered nor followed by a deletion") func links() throws {
        try withTemporaryFolder { url in
            let manager = FileManager.default
            let other = url.appending(path: "other", directoryHint: .isDirectory)
            let own = url.appending(path: "own", directoryHint: .isDirectory)
            for folder in [other, own] { try manager.createDirectory(at: folder, withIntermediateDirectories: false) }
            let secret = other.appending(path: "secret")
            try Data("secret".utf8).write(to: secret)
            try manager.createSymbolicLink(at: own.appending(path: "file"), withDestinationURL: secret)
            try manager.createSymbolicLink(at: own.appending(path: "folder"), withDestinationURL: other)
            let folder = try OpenFolder(own)
            #expect(throws: RunFileError.self) { try folder.read("file", limit: 100) }
            #expect(throws: RunFileError.self) { try folder.appending(to: "file", isEmpty: true) }
            let error = try #require(throws: RunFileError.self) { try folder.folder("folder", creates: true) }
            #expect(error.description.contains("it is a symbolic link"))
            try folder.write(Data("new".utf8), to: "file")
            try folder.removeFile("folder")
            #expect(try folder.names() == ["file"])
            #expect(try folder.read("file", limit: 3) == Data("new".utf8))
            #expect(try String(contentsOf: secret, encoding: .utf8) == "secret")
        }
    }

    @Test("Names that are paths, parents or empty are refused") func names() throws {
        try withTemporaryFolder { url in
            let folder = try OpenFolder(url)
            for name in ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\nb", String(repeating: "a", count: 201)] {
                #expect(throws: RunFileError.self, "\(name)") { try folder.write(Data(), to: name) }
                #expect(throws: RunFileError.self, "\(name)") { try folder.read(name, limit: 10) }
                #expect(!folder.has(name))
            }
        }
    }

    @Test("Folders and pipes are not read as files") func otherKinds() throws {
        try withTemporaryFolder { url in
            let folder = try OpenFolder(url)
            _ = try folder.folder("folder", creates: true)
            #expect(mkfifo(url.appending(path: "pipe").path, 0o600) == 0)
            for name in ["folder", "pipe"] {
                #expect(throws: RunFileError.self, "\(name)") { try folder.read(name, limit: 10) }
            }
        }
    }

    @Test("The leftover of an interrupted write is removed") func leftovers() throws {
        try withTemporaryFolder { url in
            try Data().write(to: url.appending(path: ".writing-a"))
            try Data().write(to: url.appending(path: "b"))
            let folder = try OpenFolder(url)
            try folder.removeLeftovers()
            #expect(try folder.names() == ["b"])
        }
    }

    @Test("The checksum of a file is that of RFC 3720") func checksum() throws {
        try withTemporaryFolder { url in
            let folder = try OpenFolder(url)
            try folder.write(Data("123456789".utf8), to: "a")
            #expect(try folder.file("a").checksum() == 0xE306_9283)
            #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
            try folder.write(Data(repeating: 7, count: 5 << 20), to: "b")
            #expect(try folder.file("b").checksum() == CRC32C.checksum(Data(repeating: 7, count: 5 << 20)))
        }
    }
}
