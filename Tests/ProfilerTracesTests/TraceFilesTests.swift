import Foundation
import ProfilerTraces
import TestSupport
import Testing
import Timelines

/// The files that paths name, and the traces in them.
@Suite("Trace files") struct TraceFilesTests {
    private func withFolder(_ names: [String], _ body: (String) throws -> Void) throws {
        try withTemporaryFolder { folder in
            for name in names { try Data("[]".utf8).write(to: folder.appending(path: name)) }
            try body(folder.path)
        }
    }

    @Test("Folders and patterns give their traces in the order of ranks") func foldersAndPatterns() throws {
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

    @Test("The folder of a run gives the run's timeline") func folderOfARun() throws {
        try withFolder(["timeline.json.gz", "metrics.jsonl", "recipe.toml", "other.json"]) { folder in
            let files = try TraceFiles([folder])
            #expect(files.paths == ["\(folder)/timeline.json.gz"])
        }
    }

    @Test("A path without a trace is an error") func pathsWithoutATrace() throws {
        #expect(throws: TraceFilesError.missing("/nowhere")) { try TraceFiles(["/nowhere"]) }
        try withFolder(["recipe.toml"]) { folder in
            #expect(throws: TraceFilesError.runWithoutTimeline(folder)) { try TraceFiles([folder]) }
        }
        try withFolder([]) { folder in
            #expect(throws: TraceFilesError.folderWithoutTrace(folder)) { try TraceFiles([folder]) }
        }
    }

    private func trace(rank: Int?) -> String {
        let rank = rank.map { #""distributedInfo":{"rank":\#($0)},"# } ?? ""
        return #"{\#(rank)"traceEvents":[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":2,"args":{"stream":7}}]}"#
    }

    @Test("Traces keep the ranks that they or their names state") func statedRanks() throws {
        try withTemporaryFolder { folder in
            // The rank in the trace precedes the one in the name.
            for (name, rank) in [("a_rank5.json", 2), ("b_rank7.json", nil), ("c.json", nil)] as [(String, Int?)] {
                try Data(trace(rank: rank).utf8).write(to: folder.appending(path: name))
            }
            let traces = try TraceFiles([folder.path]).read()
            #expect(traces.map(\.rank) == [2, 7, 0] && traces.allSatisfy(\.notes.isEmpty))
            #expect(traces.map { $0.timeline.ranks } == [[2], [7], [0]])
        }
    }

    @Test("If two traces state the same rank, all traces are renumbered, with their lanes")
    func renumberedRanks() throws {
        try withTemporaryFolder { folder in
            for (name, rank) in [("a.json", 9), ("b.json", 4), ("c.json", 9)] {
                try Data(trace(rank: rank).utf8).write(to: folder.appending(path: name))
            }
            let traces = try TraceFiles([folder.path]).read()
            #expect(traces.map(\.rank) == [0, 1, 2])
            #expect(traces.map { $0.timeline.ranks } == [[0], [1], [2]])
        }
    }

    @Test(
        "Truncated files, invalid times and missing device events are noted, in the singular and the plural",
        arguments: [
            (
                #"{"traceEvents":[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":2,"args":{"stream":7}},"#,
                ["the file is truncated: 1 device event before its end was read"]
            ),
            (
                #"{"traceEvents":[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":-2},{"ph":"i"}"#,
                [
                    "the file is truncated: 0 device events before its end were read",
                    "1 device event without a valid time was left out", "the trace contains no device events",
                ]
            ),
            (
                #"[{"ph":"X","cat":"kernel","name":"a","ts":1},{"ph":"X","cat":"kernel","name":"a","dur":1}]"#,
                ["2 device events without a valid time were left out", "the trace contains no device events"]
            ),
        ])
    func notes(_ text: String, _ expected: [String]) throws {
        let run = try withTemporaryFile(text) { RunAnalysis(try TraceFiles([$0]).read()) }
        #expect(run.notes.map(\.note.text) == expected && run.notes.allSatisfy { $0.ranks == [0] })
    }

    @Test("An unreadable file among others is an error with its path") func unreadableFiles() throws {
        try withFolder([]) { folder in
            try Data(trace(rank: 0).utf8).write(to: URL(filePath: folder).appending(path: "a.json"))
            try Data("rank,time".utf8).write(to: URL(filePath: folder).appending(path: "b.json"))
            let error = #expect(throws: TraceReadError.self) { try TraceFiles([folder]).read() }
            #expect(error?.path == "\(folder)/b.json")
        }
    }

    @Test("Values computed in parallel are in order") func parallelValues() {
        #expect(inParallel(1000) { $0 * $0 } == (0..<1000).map { $0 * $0 })
        #expect(inParallel(0) { $0 }.isEmpty)
    }

    @Test("Traces that state the same rank are numbered in their order, with a note") func tracesOfOneRank() throws {
        let path = try fixture("small.json")
        let traces = try TraceFiles([path, path]).read()
        #expect(traces.map(\.rank) == [0, 1])
        let run = RunAnalysis(traces)
        #expect(run.notes == [RunNote(note: TraceNote(.renumbered), ranks: [0, 1])])
        let findings = run.findings
        #expect(findings.contains { $0.evidence.first?.hasPrefix("on 2 of 2 ranks, longest on rank 0: ") ?? false })
        #expect(findings.contains { $0.evidence.last?.hasPrefix("rank 0: ") ?? false })
    }
}
