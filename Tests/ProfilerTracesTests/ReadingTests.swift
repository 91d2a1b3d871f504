import Foundation
import ProfilerTraces
import TestSupport
import Testing
import Timelines

@Suite struct ReadingTests {
    private func kernel(_ name: String, _ time: String, _ duration: String = "1", more: String = "") -> String {
        #"{"ph":"X","cat":"kernel","name":"\#(name)","pid":0,"tid":7,"ts":\#(time),"dur":\#(duration)\#(more),"#
            + #""args":{"stream":7,"device":0,"correlation":1}}"#
    }

    private func read(_ text: String) throws -> RankTrace {
        try withTemporaryFile(text) { try RankTrace(path: $0) }
    }

    @Test func theSmallTraceIsReadWhole() throws {
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

    @Test func packedTracesAreTheSame() throws {
        let plain = try RankTrace(path: try fixture("small.json"))
        for name in ["members.json.gz", "small.json.zst"] {
            let packed = try RankTrace(path: try fixture(name))
            #expect(packed.timeline == plain.timeline, "\(name)")
            #expect(packed.annotations == plain.annotations && packed.launches == plain.launches)
            #expect(packed.file.byteCount == plain.file.byteCount)
        }
    }

    /// However the buffer cuts the file, the outcome is one.
    @Test func aBufferOfAnySizeGivesTheSame() throws {
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

    @Test func aTruncatedFileGivesTheEventsBeforeItsEnd() throws {
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

    @Test(arguments: [
        ("5", 5000), ("5.5", 5500), ("5.001", 5001), ("5.0015", 5002), ("\"5.25\"", 5250), ("5e3", 5_000_000),
        ("-2.5", -2500), ("4458676522690.655", 4_458_676_522_690_655), ("1740461679479712", 1_740_461_679_479_712_000),
        ("1740461679479712.123", 1_740_461_679_479_712_123), ("1.5E+1", 15_000), ("0.0004", 0), ("0.0005", 1),
        ("12345678901234.5678", 12_345_678_901_234_568), ("1e-3", 1), ("00012", 12_000),
    ])
    func timesAreExact(_ text: String, _ nanoseconds: Int64) throws {
        let trace = try read("[\(kernel("a", text))]")
        #expect(trace.timeline.spans.first?.start == nanoseconds)
    }

    @Test func eventsWithoutAProperTimeAreDroppedAndCounted() throws {
        let wrong = ["null", "\"soon\"", "1e400", String(repeating: "9", count: 1_000_000), "[1]", "99999999999999999"]
        let trace = try read("[\(wrong.map { kernel("a", $0) }.joined(separator: ",")),\(kernel("b", "1"))]")
        #expect(trace.timeline.spans.count == 1)
        #expect(trace.file.droppedEvents == wrong.count)
        let negative = try read("[\(kernel("a", "1", "-1"))]")
        #expect(negative.file.droppedEvents == 1 && negative.timeline.spans.isEmpty)
        let missing = try read(#"[{"ph":"X","cat":"kernel","name":"a","ts":1,"args":{"stream":7}}]"#)
        #expect(missing.file.droppedEvents == 1)
    }

    @Test func beginAndEndMakeARange() throws {
        let trace = try read(
            """
            [{"ph":"B","cat":"kernel","name":"outer","pid":0,"tid":7,"ts":10,"args":{"stream":7}},
             {"ph":"B","cat":"cpu_op","name":"other","pid":0,"tid":7,"ts":11},
             {"ph":"B","cat":"kernel","name":"inner","pid":0,"tid":7,"ts":12.5,"args":{"stream":7}},
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
    }

    @Test func keysMayStandInAnyOrderAndStringsHoldAnything() throws {
        let trace = try read(
            "\u{FEFF} {\"x\": {\"deep\": [1, {\"]\": \"}\"}]}, \"traceEvents\" : [ {\"args\" : {\"stream\": \"7\"}, "
                + "\"dur\": 2, \"ts\": 3, \"name\": \"a \\\"b\\\" \\u00e9\\ud83d\\ude00 \u{1}\n{[\", \"cat\": \"kernel\", "
                + "\"ph\": \"X\"} , ], \"more\": \"\\\\\" }")
        #expect(trace.timeline.events.map(\.name) == ["a \"b\" é😀 \u{1}\n{["])
        #expect(trace.timeline.spans.first?.duration == 2000)
        #expect(!trace.file.isTruncated)
    }

    @Test func eventsMayBeOutOfOrder() throws {
        let trace = try read("[\(kernel("a", "30")),\(kernel("a", "10")),\(kernel("b", "20"))")
        #expect(trace.timeline.spans.map(\.start) == [30_000, 10_000, 20_000])
        // A top-level array may lack its bracket.
        #expect(!trace.file.isTruncated)
        #expect(trace.timeline.events.count == 2)
    }

    @Test(arguments: [
        ("", "is empty"), ("rank,time\n", "is not a trace"), ("[1]", "an event is not an object, at byte 1"),
        ("[] {}", "something follows the end, at byte 3"), ("{1}", "a key in quotes is missing"),
        ("{\"a\" 1}", "a colon is missing"),
        ("[{\"ph\" 1}]", "an event cannot be understood, at byte 1"),
        ("[{\"ph\":\"X\",]}]", "an event cannot be understood"),
        ("{\"a\":,}", "a value is missing"), ("\u{1F}\u{8B}xxxxxxxxxxxxxxxxxx", "is not a trace"),
    ])
    func whatIsNoTraceIsOneLine(_ text: String, _ reason: String) throws {
        try withTemporaryFile(text) { path in
            let error = #expect(throws: TraceReadError.self) { try RankTrace(path: path) }
            let description = try #require(error?.description)
            #expect(description.contains(reason), "\(description)")
            #expect(!description.contains("\n"))
        }
        #expect(throws: TraceReadError.self) { try RankTrace(path: "/nowhere/trace.json") }
        #expect(throws: TraceReadError.self) { try RankTrace(path: "/") }
    }

    @Test func bombsAreRefused() throws {
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

    @Test func damagedGzipIsAnError() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: try fixture("members.json.gz"))))
        bytes[bytes.count / 6] ^= 0xFF
        _ = try withTemporaryFile(bytes) { path in
            #expect(throws: TraceReadError.self) { try RankTrace(path: path) }
        }
    }

    /// Whatever a few changed bytes make of a trace, it is read or refused.
    @Test func changedBytesNeverCrash() throws {
        var generator = SeededGenerator(5)
        for name in ["small.json", "members.json.gz", "small.json.zst"] {
            let original = [UInt8](try Data(contentsOf: URL(filePath: try fixture(name))))
            let interesting = Array("{}[]\",:\\0-e.\u{0}".utf8)
            for _ in 0..<400 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes[place] = interesting.randomElement(using: &generator) ?? 0
                    default: bytes.remove(at: place)
                    }
                }
                try withTemporaryFile(bytes) { path in
                    guard let trace = try? RankTrace(path: path, bufferBytes: 128) else { return }
                    let analysis = RankAnalysis(trace)
                    #expect(analysis.breakdown.busy <= analysis.breakdown.span)
                }
            }
        }
    }

    @Test(arguments: [" ", "\n", "\t", "\r\n  "]) func anyWhiteSpaceBetweenTokens(_ space: String) throws {
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
