import Foundation
import TestSupport
import Testing
import TrainingRuns

@Suite struct RunFolderTests {
    @Test func aRunsFolderIsAlwaysNew() throws {
        try withTemporaryFolder { parent in
            let names = try (0..<3).map { _ in try RunFolder.create(named: "debug", in: parent).url.lastPathComponent }
            #expect(names == ["debug", "debug-2", "debug-3"])
        }
    }
}
