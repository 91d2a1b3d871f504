import Foundation
import TestSupport
import Testing
import TrainingRuns

@Suite struct CheckpointFolderTests {
    /// Writes the files of all ranks, as training does before it publishes a checkpoint.
    private func write(step: Int, ranks: Int, in checkpoints: CheckpointFolder) throws {
        for rank in 0..<ranks {
            try Data("\(step) \(rank)".utf8).write(to: checkpoints.file(rank: rank, step: step))
        }
    }

    private func save(step: Int, ranks: Int, in checkpoints: CheckpointFolder) throws {
        try write(step: step, ranks: ranks, in: checkpoints)
        try checkpoints.publish(step: step, rankCount: ranks)
    }

    private func texts(_ files: [URL]) throws -> [String] {
        try files.map { try String(contentsOf: $0, encoding: .utf8) }
    }

    @Test("A folder without a checkpoint is an error that names the folder") func emptyFolders() throws {
        try withTemporaryFolder { folder in
            let missing = folder.appending(path: "missing")
            for url in [folder, missing] {
                let error = try #require(throws: SavedStateError.self) { try CheckpointFolder(url: url).latest() }
                #expect(error.description.hasPrefix("\(url.relativePath) has no complete checkpoint: "))
            }
        }
    }

    @Test("A published checkpoint is the latest, with its files in the order of the ranks") func publishing() throws {
        try withTemporaryFolder { folder in
            let checkpoints = CheckpointFolder(url: folder.appending(path: "checkpoint"))
            try save(step: 7, ranks: 12, in: checkpoints)
            let latest = try checkpoints.latest()
            #expect(latest.step == 7)
            #expect(try texts(latest.files) == (0..<12).map { "7 \($0)" })
            // A later process opens the same folder.
            #expect(try CheckpointFolder(url: folder.appending(path: "checkpoint")).latest().files == latest.files)
        }
    }

    @Test("A checkpoint is not the latest before it is published") func interruptedWrites() throws {
        try withTemporaryFolder { folder in
            let checkpoints = CheckpointFolder(url: folder)
            try write(step: 5, ranks: 2, in: checkpoints)
            #expect(throws: SavedStateError.self) { try checkpoints.latest() }
            try checkpoints.publish(step: 5, rankCount: 2)
            // The next checkpoint is interrupted after the first of its ranks.
            try write(step: 10, ranks: 1, in: checkpoints)
            let latest = try checkpoints.latest()
            #expect(latest.step == 5)
            #expect(try texts(latest.files) == ["5 0", "5 1"])
        }
    }

    @Test("Publishing deletes all other checkpoints, including incomplete ones, and no other files")
    func removalOfOlderCheckpoints() throws {
        try withTemporaryFolder { folder in
            let checkpoints = CheckpointFolder(url: folder)
            try save(step: 5, ranks: 2, in: checkpoints)
            try write(step: 10, ranks: 1, in: checkpoints)
            try Data().write(to: folder.appending(path: "notes"))
            try save(step: 8, ranks: 3, in: checkpoints)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.sorted() == ["latest", "notes", "step-8"])
            let latest = try checkpoints.latest()
            #expect(latest.step == 8 && latest.files.count == 3)
        }
    }

    @Test("Publishing the same step again keeps its files") func republishing() throws {
        try withTemporaryFolder { folder in
            let checkpoints = CheckpointFolder(url: folder)
            try save(step: 5, ranks: 2, in: checkpoints)
            try save(step: 5, ranks: 2, in: checkpoints)
            #expect(try texts(checkpoints.latest().files) == ["5 0", "5 1"])
        }
    }

    @Test(
        "A damaged file latest is an error",
        arguments: ["", "\n", "5\n", "five two\n", "5 two\n", "5 0\n", "5 -1\n", "5 2 1\n"])
    func damagedLatest(text: String) throws {
        try withTemporaryFolder { folder in
            let checkpoints = CheckpointFolder(url: folder)
            try save(step: 5, ranks: 2, in: checkpoints)
            try Data(text.utf8).write(to: folder.appending(path: "latest"))
            #expect(throws: SavedStateError.self) { try checkpoints.latest() }
            // The next checkpoint repairs the folder.
            try save(step: 6, ranks: 2, in: checkpoints)
            #expect(try checkpoints.latest().step == 6)
        }
    }

    @Test(
        "A step or a number of ranks that no checkpoint has is refused with its limit",
        arguments: [
            ("5 9223372036854775807", "9223372036854775807 ranks"), ("-5 2", "step -5"), ("0 2", "step 0"),
            ("6 2", "the 0 files"),
        ])
    func impossibleLatest(text: String, part: String) throws {
        try withTemporaryFolder { folder in
            let checkpoints = CheckpointFolder(url: folder)
            try save(step: 5, ranks: 2, in: checkpoints)
            try Data(text.utf8).write(to: folder.appending(path: "latest"))
            let error = try #require(throws: SavedStateError.self) { try checkpoints.latest() }
            #expect(error.description.contains(part) && !error.description.contains("\n"))
        }
    }

    @Test("The file latest may be a folder or not be text") func latestThatIsNotAText() throws {
        try withTemporaryFolder { folder in
            let latest = folder.appending(path: "latest")
            try Data([0xFF, 0xFE, 0x35, 0x20]).write(to: latest)
            #expect(throws: SavedStateError.self) { try CheckpointFolder(url: folder).latest() }
            try FileManager.default.removeItem(at: latest)
            try FileManager.default.createDirectory(at: latest, withIntermediateDirectories: false)
            #expect(throws: SavedStateError.self) { try CheckpointFolder(url: folder).latest() }
        }
    }
}
