import Foundation
import ProfilerTraces
import TestSupport
import Testing

/// The files that paths stand for, and the traces in them.
@Suite struct TraceFilesTests {
    private func withFolder(_ names: [String], _ body: (String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            for name in names { try Data("[]".utf8).write(to: folder.appending(path: name)) }
            try body(folder.path)
        }
    }

    @Test func foldersAndPatternsGiveTheirTraces() throws {
        try withFolder(["rank10.json", "rank2.json.gz", ".hidden.json", "notes.txt"]) { folder in
            let expected = ["rank2.json.gz", "rank10.json"].map { "\(folder)/\($0)" }
            for path in [folder, "\(folder)/"] {
                let files = try TraceFiles([path])
                #expect(files.paths == expected)
            }
            let files = try TraceFiles(["\(folder)/rank1?.json", "-"])
            #expect(files.paths == [expected[1], "/dev/stdin"])
        }
    }

    @Test func aRunsFolderGivesItsTimeline() throws {
        try withFolder(["timeline.json.gz", "metrics.jsonl", "recipe.toml", "other.json"]) { folder in
            let files = try TraceFiles([folder])
            #expect(files.paths == ["\(folder)/timeline.json.gz"])
        }
    }

    @Test func whatGivesNoTraceIsAnError() throws {
        #expect(throws: TraceFilesError.missing("/nowhere")) { try TraceFiles(["/nowhere"]) }
        try withFolder(["recipe.toml"]) { folder in
            #expect(throws: TraceFilesError.runWithoutTimeline(folder)) { try TraceFiles([folder]) }
        }
        try withFolder([]) { folder in
            #expect(throws: TraceFilesError.folderWithoutTrace(folder)) { try TraceFiles([folder]) }
        }
    }

    @Test func tracesOfOneRankAreNumbered() throws {
        let path = try fixture("small.json")
        var remarks: [String] = []
        let traces = try TraceFiles([path, path]).read { remarks.append($0) }
        #expect(traces.map(\.rank) == [0, 1])
        #expect(remarks == ["several traces are of one rank: they are numbered in the order given"])
        #expect(RunAnalysis(traces).findings.contains { $0.evidence.first?.hasPrefix("on 2 of 2 ranks") ?? false })
    }
}
