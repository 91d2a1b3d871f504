import Foundation
import Testing
import TrainingRuns

@Suite struct RunFolderTests {
    @Test func aRunsFolderIsAlwaysNew() throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "runs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: parent) }
        let names = try (0..<3).map { _ in try RunFolder.create(named: "debug", in: parent).url.lastPathComponent }
        #expect(names == ["debug", "debug-2", "debug-3"])
    }
}
