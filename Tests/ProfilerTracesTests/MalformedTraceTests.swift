import ProfilerTraces
import TestSupport
import Testing
import Timelines

/// Files with text that is not JSON, and files that are not traces.
@Suite("Malformed and foreign files") struct MalformedTraceTests {
    private static let kernel = TraceText.work(TraceText.gemm, at: "100", "10", number: 1)
    private static let last = TraceText.work(TraceText.gemm, at: "300", "10", number: 2)

    /// An event of the Python interpreter with a name as it stands.
    private func function(_ name: String) -> String {
        """
          {
            "ph": "X", "cat": "python_function", "name": "\(name)", "pid": 22, "tid": 22,
            "ts": 150, "dur": 3,
            "args": {
              "Ev Idx": 796386, "Input": [[1, 2], {"a": []}]
            }
          }
        """
    }

    private func read(_ text: String, bufferBytes: Int? = nil) throws -> RankTrace {
        try withTemporaryFile(text) { path in
            if let bufferBytes { return try RankTrace(path: path, bufferBytes: bufferBytes) }
            return try #require(try RankTrace.ranks(path: path).first)
        }
    }

    @Test(
        "Quotes and line breaks in a name lose no other event",
        arguments: [
            "print(\"5)\n(1): <module>", "Library(\"_inductor\", \"IMPL\")\n", "say(\"{\")", "say(\"}\")", "say(\"[\")",
            "f(\"]\")", "\"", "\"\"", "\"{", "\"}\"}", "x\", \"y", "\\\"\"", "{\"ph\"}", "a\",", "\":", "\"]}",
        ])
    func quotesInNames(_ name: String) throws {
        for text in [
            "{\"traceEvents\": [\n\(Self.kernel),\n\(function(name)),\n\(Self.last)\n], \"distributedInfo\": {\"rank\": 3}}",
            "[\(Self.kernel),\(function(name)),\(function(name)),\(Self.last)]",
            "[\(function(name)),\(Self.kernel),\(Self.last),\(function(name))]",
            "[\(Self.kernel),\(function(name)),\(Self.kernel.replacing("100", with: "200")),\(function(name)),\(Self.last)]",
        ] {
            for bytes in [nil, 64, 300, 1000] {
                let trace = try read(text, bufferBytes: bytes)
                let starts = trace.timeline.spans.map(\.start).filter { $0 != 200_000 }
                #expect(starts == [100_000, 300_000], "\(name) \(bytes ?? 0)")
                #expect(trace.timeline.spans.count == (text.contains("200") ? 3 : 2), "\(name)")
                #expect(trace.file.unreadableEvents <= 2)
                #expect(!text.contains("rank") || trace.rank == 3, "\(name)")
            }
        }
    }

    @Test("An odd number of quotes is noted as an event that could not be read") func note() throws {
        let trace = try read("[\(Self.kernel),\(function("print(\"5)")),\(Self.last)]")
        #expect(trace.notes == [TraceNote(.unreadable, count: 1)] && trace.file.unreadableEvents == 1)
        #expect(trace.notes[0].text.hasPrefix("1 event could not be read and was left out"))
    }

    @Test(
        "Other malformed events are lost alone",
        arguments: [
            #"{"ph": "X", name": "a", "ts": 1}"#, #"{"ph" 1}"#, #"{"ph":"X","ts":}"#, "7", "null", "\"text\"",
            #"{"ph":"X","args":{"a":"b" "c"}"#, #"{"ph":"X","cat":"cpu_op","args":{"a":[1,2}}"#,
        ])
    func malformedEvents(_ event: String) throws {
        let trace = try read("{\"traceEvents\": [\(Self.kernel),\(event),\(Self.last)]}")
        #expect(trace.timeline.spans.count == 2 && trace.file.unreadableEvents == 1, "\(event)")
    }

    @Test(
        "Files that are not traces are errors that say what they look like",
        arguments: [
            ("{}", "holds no events"), ("[]", "holds no events"), (#"{"traceEvents":[]}"#, "holds no events"),
            ("[[1,2],[3,4]]", "expert loads, which contraflow balance reads"), ("[1,2]", "expert loads"),
            ("layer,0,1\n0,5,6\n", "a CSV table"), ("hello\n", "plain text"), ("<!doctype html><html>", "HTML"),
            (#"{"step":1,"loss":2.5,"seconds":3}"#, "metrics.jsonl: give the run's folder"),
            ("{\"step\":1}\n{\"step\":2}\n", "as in JSON lines"),
            (#"{"schema":"1.1.1-chakra.0.0.4","pid":5,"nodes":[{"id":1}]}"#, "execution trace (Chakra)"),
            (#"{"physical_to_logical_map":[[0,1]]}"#, "contraflow balance reads"), (#"{"a":1,"b":2}"#, "the keys a, b"),
            ("PK\u{3}\u{4}xxxx", "ZIP"), ("\u{0}\u{1}\u{2}", "binary data"),
        ])
    func foreignFiles(_ text: String, _ reason: String) throws {
        try withTemporaryFile(text) { path in
            let error = #expect(throws: TraceReadError.self) { try TraceFiles([path]).read() }
            let description = try #require(error?.description)
            #expect(description.contains(reason) && !description.contains("\n"), "\(description)")
        }
    }

    @Test("A pickle is named as one") func pickles() throws {
        try withTemporaryFile([0x80, 4, 0x95, 0, 0]) { path in
            let error = #expect(throws: TraceReadError.self) { try TraceFiles([path]).read() }
            #expect(error?.reason.contains("a Python pickle") ?? false)
        }
    }
}
