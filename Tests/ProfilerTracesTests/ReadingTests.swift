import Foundation
import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite("Reading Chrome-trace JSON") struct ReadingTests {
    private func kernel(_ name: String, _ time: String, _ duration: String = "1", more: String = "") -> String {
        #"{"ph":"X","cat":"kernel","name":"\#(name)","pid":0,"tid":7,"ts":\#(time),"dur":\#(duration)\#(more),"#
            + #""args":{"stream":7,"device":0,"correlation":1}}"#
    }

    private func read(_ text: String) throws -> RankTrace {
        try withTemporaryFile(text) { try RankTrace(path: $0) }
    }

    @Test("The small trace is read with all its parts") func smallTrace() throws {
        let trace = try RankTrace(path: try fixture("small.json"))
        #expect(trace.rank == 3 && trace.file.statesRank && trace.worldSize == 4)
        #expect(trace.device == "NVIDIA H800")
        #expect(trace.timeline.spans.count == 6 && trace.launches.count == 6)
        #expect(trace.file.eventCount == 19 && !trace.file.isTruncated && trace.file.droppedEvents == 0)
        #expect(trace.timeline.lanes.map(\.name).sorted() == ["stream 27", "stream 7"])
        #expect(trace.timeline.lanes.allSatisfy { $0.rank == 3 })
        #expect(trace.annotations.count == 5 && trace.steps.count == 2)
        #expect(trace.launchOfSpan.allSatisfy { $0 >= 0 })
        let collective = try #require(trace.collectives.first)
        #expect(collective.operation == "allreduce" && collective.groupSize == 4 && collective.bytes == 4000)
        #expect(collective.busFactor == 1.5)
    }

    @Test("Compressed traces give the same as the plain trace") func compressedTraces() throws {
        let plain = try RankTrace(path: try fixture("small.json"))
        for name in ["members.json.gz", "small.json.zst"] {
            let packed = try RankTrace(path: try fixture(name))
            #expect(packed.timeline == plain.timeline, "\(name)")
            #expect(packed.annotations == plain.annotations && packed.launches == plain.launches)
            #expect(packed.file.byteCount == plain.file.byteCount)
        }
    }

    @Test("A buffer of any size gives the same trace") func buffersOfAnySize() throws {
        let path = try fixture("small.json")
        let whole = try RankTrace(path: path)
        for bytes in [16, 17, 31, 64, 100, 255, 256, 1000, 4096] {
            let trace = try RankTrace(path: path, bufferBytes: bytes)
            #expect(trace.timeline == whole.timeline && trace.launches == whole.launches, "\(bytes)")
            #expect(
                trace.annotations == whole.annotations && trace.file.eventCount == whole.file.eventCount, "\(bytes)")
            #expect(trace.collectives == whole.collectives && trace.device == whole.device, "\(bytes)")
        }
    }

    @Test("A truncated file gives the events before its end") func truncatedFiles() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: try fixture("small.json"))))
        let last = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        var events = 0
        for length in stride(from: 1, through: last, by: 7) {
            let trace = try withTemporaryFile(Array(bytes[..<length])) { try RankTrace(path: $0) }
            #expect(trace.file.isTruncated, "\(length)")
            #expect(trace.file.eventCount >= events)
            events = trace.file.eventCount
        }
        let packed = [UInt8](try Data(contentsOf: URL(filePath: try fixture("members.json.gz"))))
        for length in stride(from: 20, to: packed.count - 1, by: 11) {
            let trace = try withTemporaryFile(Array(packed[..<length])) { try RankTrace(path: $0) }
            let isTruncated = trace.file.isTruncated
            #expect(isTruncated, "\(length)")
        }
    }

    @Test(
        "Times in decimal microseconds are read exactly in nanoseconds",
        arguments: [
            ("5", 5000), ("5.5", 5500), ("5.001", 5001), ("5.0015", 5002), ("\"5.25\"", 5250), ("5e3", 5_000_000),
            ("-2.5", -2500), ("4458676522690.655", 4_458_676_522_690_655),
            ("1740461679479712", 1_740_461_679_479_712_000),
            ("1740461679479712.123", 1_740_461_679_479_712_123), ("1.5E+1", 15_000), ("0.0004", 0), ("0.0005", 1),
            ("12345678901234.5678", 12_345_678_901_234_568), ("1e-3", 1), ("00012", 12_000),
        ])
    func timesAreExact(_ text: String, _ nanoseconds: Int64) throws {
        let trace = try read("[\(kernel("a", text))]")
        #expect(trace.timeline.spans.first?.start == nanoseconds)
    }

    @Test("Events without a valid time are dropped and counted") func eventsWithoutAValidTime() throws {
        let wrong = ["null", "\"soon\"", "1e400", String(repeating: "9", count: 1_000_000), "[1]", "99999999999999999"]
        let trace = try read("[\(wrong.map { kernel("a", $0) }.joined(separator: ",")),\(kernel("b", "1"))]")
        #expect(trace.timeline.spans.count == 1)
        #expect(trace.file.droppedEvents == wrong.count)
        let negative = try read("[\(kernel("a", "1", "-1"))]")
        #expect(negative.file.droppedEvents == 1 && negative.timeline.spans.isEmpty)
        let missing = try read(#"[{"ph":"X","cat":"kernel","name":"a","ts":1,"args":{"stream":7}}]"#)
        #expect(missing.file.droppedEvents == 1)
    }

    @Test("A begin and an end event of a thread make one range") func beginAndEndEvents() throws {
        let trace = try read(
            """
            [{"ph":"B","cat":"kernel","name":"outer","pid":0,"tid":7,"ts":10,"args":{"stream":7}},
             {"ph":"B","cat":"cpu_op","name":"other","pid":0,"tid":7,"ts":11},
             {"ph":"B","cat":"kernel","name":"inner","pid":0,"tid":7,"ts":12.5,"args":{"stream":8}},
             {"ph":"E","pid":0,"tid":7,"ts":14},
             {"ph":"E","pid":0,"tid":7,"ts":15},
             {"ph":"E","pid":0,"tid":8,"ts":15},
             {"ph":"E","pid":0,"tid":7,"ts":20},
             {"ph":"E","pid":0,"tid":7,"ts":21},
             {"ph":"B","cat":"user_annotation","name":"step","pid":1,"tid":1,"ts":1},
             {"ph":"E","pid":1,"tid":1,"ts":4}]
            """)
        #expect(trace.timeline.spans.map(\.start) == [12_500, 10_000])
        #expect(trace.timeline.spans.map(\.duration) == [1500, 10_000])
        #expect(trace.annotations.map(\.name) == ["step"] && trace.annotations.map(\.duration) == [3000])
        #expect(trace.file.droppedEvents == 0)
        let open = try read(#"[{"ph":"B","cat":"kernel","name":"a","pid":0,"tid":7,"ts":1,"args":{"stream":7}}]"#)
        #expect(open.timeline.spans.isEmpty && open.file.droppedEvents == 1)
    }

    @Test("Keys may be in any order, and strings may contain brackets, quotes and escapes")
    func keysInAnyOrder() throws {
        let trace = try read(
            "\u{FEFF} {\"x\": {\"deep\": [1, {\"]\": \"}\"}]}, \"traceEvents\" : [ {\"args\" : {\"stream\": \"7\"}, "
                + "\"dur\": 2, \"ts\": 3, \"name\": \"a \\\"b\\\" \\u00e9\\ud83d\\ude00 \u{1}\n{[\", \"cat\": \"kernel\", "
                + "\"ph\": \"X\"} , ], \"more\": \"\\\\\" }")
        #expect(trace.timeline.events.map(\.name) == ["a \"b\" é😀 \u{1}\n{["])
        #expect(trace.timeline.spans.first?.duration == 2000)
        #expect(!trace.file.isTruncated)
    }

    @Test("Events may be out of order, and an array may lack its closing bracket") func eventsOutOfOrder() throws {
        let trace = try read("[\(kernel("a", "30")),\(kernel("a", "10")),\(kernel("b", "20"))")
        #expect(trace.timeline.spans.map(\.start) == [30_000, 10_000, 20_000])
        // A top-level array may lack its closing bracket.
        #expect(!trace.file.isTruncated)
        #expect(trace.timeline.events.count == 2)
    }

    @Test(
        "A file that is not a trace gives an error of one line with the position",
        arguments: [
            ("", "is empty"), ("rank,time\n", "is not a trace"), ("[1]", "an event is not an object, at byte 1"),
            ("[] {}", "unexpected text after the end (a second JSON text, as in JSON lines), at byte 3"),
            ("{1}", "expected a key in quotes"),
            ("{\"a\" 1}", "expected a colon"),
            ("[{\"ph\" 1}]", "an event is malformed, at byte 1"),
            ("[{\"ph\":\"X\",]}]", "an event is malformed"),
            ("{\"a\":,}", "expected a value"), ("\u{1F}\u{8B}xxxxxxxxxxxxxxxxxx", "is not a trace"),
        ])
    func filesThatAreNotTraces(_ text: String, _ reason: String) throws {
        try withTemporaryFile(text) { path in
            let error = #expect(throws: TraceReadError.self) { try RankTrace(path: path) }
            let description = try #require(error?.description)
            #expect(description.contains(reason), "\(description)")
            #expect(!description.contains("\n"))
        }
        #expect(throws: TraceReadError.self) { try RankTrace(path: "/nowhere/trace.json") }
        #expect(throws: TraceReadError.self) { try RankTrace(path: "/") }
    }

    @Test("Deep nesting, long values and large decompressed sizes exhaust no memory") func hostileFiles() throws {
        let nested = "[{\"ph\":\"X\",\"cat\":\"kernel\",\"args\":" + String(repeating: "[", count: 3_000_000)
        let trace = try read(nested)
        #expect(trace.file.isTruncated && trace.timeline.spans.isEmpty)
        let long = "[{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"" + String(repeating: "x", count: 2_000_000) + "\"}]"
        _ = try withTemporaryFile(long) { path in
            #expect(throws: TraceReadError.self) {
                try RankTrace(path: path, limits: TraceReadLimits(eventBytes: 1 << 20))
            }
        }
        #expect(throws: TraceReadError.self) {
            try RankTrace(path: try fixture("members.json.gz"), limits: TraceReadLimits(unpackedBytes: 1000))
        }
    }

    /// An event of a recorded timeline.
    private func exchange(_ rank: Int, _ time: String, _ duration: String = "1") -> String {
        #"{"ph":"X","cat":"communication","name":"x","pid":\#(rank),"tid":0,"ts":\#(time),"dur":\#(duration)}"#
    }

    private func readTimeline(_ events: [String]) throws -> [RankTrace] {
        try withTemporaryFile("[" + events.joined(separator: ",") + "]") { try RankTrace.ranks(path: $0) }
    }

    @Test("Durations of more than 417 days in total are dropped, so that no sum overflows") func sumsOfDurations()
        throws
    {
        // A kernel lasts at most a day; each is on a stream of its own.
        let day = 86_400_000_000
        let events = (0..<500).map { stream in
            #"{"ph":"X","cat":"kernel","name":"nccl","pid":0,"ts":\#(stream),"dur":\#(day),"#
                + #""args":{"stream":\#(stream)}}"#
        }
        let trace = try read("[\(events.joined(separator: ","))]")
        #expect(trace.timeline.spans.count == 416 && trace.file.droppedEvents == 84)
        #expect(RankAnalysis(trace).kernels.first?.time == 416 * Int64(day) * 1000)
        let long = "10000000000000"
        let ranks = try readTimeline((0..<12).map { exchange($0, "1", long) })
        #expect(ranks.map(\.file.droppedEvents) == [9, 0, 0])
        #expect(RunAnalysis(ranks).total.communication == 30_000_000_000_000_000)
    }

    @Test("A start of 0 among starts since 1970 is dropped", arguments: [0, 1, 4]) func outliers(position: Int) throws {
        var times = (0..<4).map { "174046167947971\($0)" }
        times.insert("0", at: position)
        let trace = try read("[\(times.map { kernel("a", $0) }.joined(separator: ","))]")
        #expect(trace.timeline.spans.count == 4 && trace.file.droppedEvents == 1)
        #expect(trace.launchOfSpan.count == 4 && trace.collectiveOfSpan.count == 4)
        #expect(RankAnalysis(trace).breakdown.span == 4000)
        let ranks = try readTimeline(times.map { exchange(0, $0) })
        #expect(ranks.map(\.timeline.spans.count) == [4] && ranks.first?.file.droppedEvents == 1)
    }

    @Test("Ranks that start at the ends of the range of times do not overflow") func distantRanks() throws {
        let ranks = try readTimeline(
            (0..<8).map { exchange($0, $0.isMultiple(of: 2) ? "2200000000000000" : "-2200000000000000") })
        #expect(RunAnalysis(ranks).total.busy == 4000)
        #expect(ranks.first?.file.droppedEvents == 4)
    }

    /// 0xEF is the first byte of a byte-order mark.
    @Test("A compressed file that ends within a byte-order mark has no value") func byteOrderMarks() throws {
        let stored: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1, 1, 0, 0xFE, 0xFF, 0xEF, 0x64, 0x10, 0xB7, 0xE2, 1, 0, 0, 0,
        ]
        try withTemporaryFile(stored) { path in
            let error = #expect(throws: TraceReadError.self) { try RankTrace(path: path) }
            #expect(error?.reason == "expected an object or an array, at byte 1 of the JSON text")
        }
    }

    @Test("A decompressed size beyond a limit is an error that names the limit and the option")
    func limitsOfDecompression() throws {
        let error = #expect(throws: TraceReadError.self) {
            try RankTrace(path: try fixture("members.json.gz"), limits: TraceReadLimits(unpackedBytes: 1000))
        }
        #expect(
            error?.reason == "unpacks to more than 1000 bytes: raise the limit (--unpack-limit) if that is intended")
    }

    @Test(
        "The rank in a file's name is the number after \"rank\"",
        arguments: [
            ("traces/rank3.json", 3), ("rank-12_step5.json.gz", 12), ("Rank_007.json", 7), ("run.rank.4.json", 4),
            ("host1_rank2.json", 2), ("rank.json", nil), ("rank12345678901.json", nil), ("rank3/trace.json", nil),
            ("frank1.json", 1), ("trace.json", nil), ("", nil),
        ] as [(String, Int?)])
    func ranksInNames(_ path: String, _ rank: Int?) {
        #expect(RankTrace.rank(inName: path) == rank)
    }

    @Test("Corrupt gzip is an error") func corruptGzip() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: try fixture("members.json.gz"))))
        bytes[bytes.count / 6] ^= 0xFF
        _ = try withTemporaryFile(bytes) { path in
            #expect(throws: TraceReadError.self) { try RankTrace(path: path) }
        }
    }

    @Test("A trace with changed bytes is read or refused, without a crash") func changedBytes() throws {
        var generator = SeededGenerator(5)
        for name in ["small.json", "members.json.gz", "small.json.zst"] {
            let original = [UInt8](try Data(contentsOf: URL(filePath: try fixture(name))))
            var read = 0
            let interesting = Array("{}[]\",:\\0-e.\u{0}".utf8)
            for _ in 0..<400 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    let index = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes[index] = interesting.randomElement(using: &generator) ?? 0
                    default: bytes.remove(at: index)
                    }
                }
                try withTemporaryFile(bytes) { path in
                    guard let trace = try? RankTrace(path: path, bufferBytes: 128) else { return }
                    let analysis = RankAnalysis(trace)
                    #expect(analysis.breakdown.busy <= analysis.breakdown.span)
                    read += 1
                }
            }
            #expect(read > 0 && read < 400, "\(name)")
        }
    }

    @Test("White space of any kind and length may separate tokens", arguments: [" ", "\n", "\t", "\r\n  "])
    func whiteSpaceBetweenTokens(_ space: String) throws {
        let tokens = [
            "[", "{", #""ph""#, ":", #""X""#, ",", #""cat""#, ":", #""kernel""#, ",", #""name""#, ":", #""a b""#, ",",
            #""ts""#, ":", "1", ",", #""dur""#, ":", "2", ",", #""args""#, ":", "{", #""stream""#, ":", "7", ",",
            #""correlation""#, ":", "3", "}", "}", ",", "{", #""ph""#, ":", #""M""#, "}", "]",
        ]
        for count in 0...20 {
            let text = tokens.joined(separator: String(repeating: space, count: count))
            let trace = try withTemporaryFile(text) { try RankTrace(path: $0) }
            #expect(
                trace.timeline.spans.map(\.start) == [1000] && trace.file.eventCount == 2 && !trace.file.isTruncated)
            #expect(trace.timeline.events.map(\.name) == ["a b"])
        }
    }
}
