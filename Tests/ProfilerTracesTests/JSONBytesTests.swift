import ProfilerTraces
import TestSupport
import Testing

/// Steps over JSON text whose tokens are at every position relative to blocks of 16 and 64 bytes.
@Suite("Skipping over JSON text") struct JSONBytesTests {
    /// Calls `body` with the start and end of a text that is followed by the zeros that the functions need.
    private func with<Value>(_ text: String, _ body: (BytePointer, BytePointer) throws -> Value) throws -> Value {
        let bytes = Array(text.utf8)
        let padded = bytes + [UInt8](repeating: 0, count: JSONBytes.padding)
        return try padded.withUnsafeBufferPointer { buffer in
            let base = try #require(buffer.baseAddress)
            return try body(base, base + bytes.count)
        }
    }

    /// The offset of the position that a function returns; nil if it returns nil.
    private func offset(
        _ text: String, from start: Int = 0, _ function: (BytePointer, BytePointer) -> BytePointer?
    ) throws -> Int? {
        try with(text) { base, end in function(base + start, end).map { $0 - base } }
    }

    @Test("White space of any length is skipped, up to the end", arguments: 0..<70)
    func whiteSpace(count: Int) throws {
        for space in [" ", "\n", "\t", "\r"] {
            let blanks = String(repeating: space, count: count)
            #expect(try offset(blanks + "x ", JSONBytes.skipSpace) == count)
            #expect(try offset(blanks, JSONBytes.skipSpace) == count)
        }
    }

    @Test("A string ends at its first unescaped quote", arguments: 0..<70)
    func strings(count: Int) throws {
        let text = String(repeating: "a", count: count)
        #expect(try offset(text + "\",", JSONBytes.stringEnd) == count)
        #expect(try offset(text + #"\"b"x"#, JSONBytes.stringEnd) == count + 3)
        #expect(try offset(text + #"\\"x"#, JSONBytes.stringEnd) == count + 2)
        #expect(try offset(text + #"\\\"","#, JSONBytes.stringEnd) == count + 4)
        for unclosed in ["", "\\", "\\\"", "\\\\"] {
            #expect(try offset(text + unclosed, JSONBytes.stringEnd) == nil, "\(unclosed)")
        }
    }

    @Test(
        "A number or a word ends at a delimiter, and is incomplete without one",
        arguments: [
            ("12,", 2), ("-1.5e3}", 6), ("true]", 4), ("null ", 4), ("7\n", 1), ("12", nil), ("", nil), (",", nil),
            ("}", nil),
        ] as [(String, Int?)])
    func scalars(_ text: String, _ expected: Int?) throws {
        #expect(try offset(text, JSONBytes.scalarEnd) == expected)
    }

    @Test(
        "A value ends at its own closing bracket or quote",
        arguments: [
            (#"{"a":{"b":[1,2]}}x"#, 17), (#"[[],[]],"#, 7), (#"{"]":"}"},"#, 9), (#""a\"b","#, 6), ("[", nil),
            (#"{"a":1"#, nil), (#""abc"#, nil), ("5", nil), ("5,", 1),
        ] as [(String, Int?)])
    func values(_ text: String, _ expected: Int?) throws {
        #expect(try offset(text, JSONBytes.valueEnd) == expected)
    }

    @Test("A nested value of any length ends at its own bracket", arguments: 0..<140)
    func longValues(count: Int) throws {
        let text = #"{"a":["# + String(repeating: "1", count: count) + "]}"
        #expect(try offset(text + ",{}", JSONBytes.valueEnd) == text.utf8.count)
        #expect(try offset(String(text.dropLast()), JSONBytes.valueEnd) == nil)
    }

    @Test("The members of an object are its keys and the texts of its values")
    func members() throws {
        var members: [String] = []
        let isWhole = try with(#" { "a" : 1 , "b":"x,}" ,"c":[{"d":2}],"":null} "#) { base, end in
            JSONBytes.forEachMember(base, end) { key, start, stop in
                let value = String(decoding: JSONBytes.bytes(start, stop), as: UTF8.self)
                members.append("\(String(decoding: key, as: UTF8.self))=\(value)")
            }
        }
        #expect(isWhole)
        #expect(members == ["a=1", #"b="x,}""#, #"c=[{"d":2}]"#, "=null"])
    }

    @Test(
        "Text that is not a whole object has no complete list of members",
        arguments: [
            "", "  ", "[1]", "{", #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,"#, #"{"a" 1}"#, "{1:2}", #"{"a":"b}"#,
        ])
    func incompleteObjects(_ text: String) throws {
        #expect(try with(text) { base, end in JSONBytes.forEachMember(base, end) { _, _, _ in } } == false)
    }

    @Test(
        "Escapes of strings are resolved, and other values are unchanged",
        arguments: [
            (#""a\n\t\r\b\f\"\\\/""#, "a\n\t\r\u{8}\u{C}\"\\/"), (#""\u0041\u00e9""#, "Aé"), (#""\ud83d\ude00""#, "😀"),
            (#""\ud83dx""#, "\u{FFFD}x"), (#""\u00""#, "\u{0}"), (#""\uzzzz""#, "\u{FFFD}"), (#""""#, ""),
            ("1.5", "1.5"), ("null", "null"),
        ])
    func texts(_ text: String, _ expected: String) throws {
        #expect(try with(text) { JSONBytes.text($0, $1) } == expected)
    }

    private func bytes<Value>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        Array(text.utf8).withUnsafeBufferPointer(body)
    }

    @Test(
        "Integers of 64 bits are read, bare or in quotes; other text is not an integer",
        arguments: [
            ("0", 0), ("-5", -5), ("\"42\"", 42), ("\"-7\"", -7), ("007", 7),
            ("999999999999999999", 999_999_999_999_999_999), ("-999999999999999999", -999_999_999_999_999_999),
            ("1700000000000000000", 1_700_000_000_000_000_000), ("9223372036854775807", .max),
            ("9223372036854775808", nil), ("99999999999999999999", nil), ("", nil), ("-", nil), ("\"\"", nil),
            ("\"", nil), ("1.5", nil), ("+1", nil),
            ("1e3", nil), ("null", nil), ("--1", nil),
        ] as [(String, Int64?)])
    func integers(_ text: String, _ expected: Int64?) {
        #expect(bytes(text, JSONBytes.integer) == expected)
    }

    @Test(
        "Times are rounded half away from zero, and times that do not fit are nil",
        arguments: [
            ("5.", 5000), ("0.0005", 1), ("-0.0005", -1), ("0.00049999999", 0), ("-0.0004", 0), ("1.0005e3", 1_000_500),
            ("1.5e3", 1_500_000), ("2e3", 2_000_000), ("-1.5E2", -150_000),
            ("9223372036854775.807", .max), ("-9223372036854775.807", -.max), ("9223372036854775.808", nil),
            ("9223372036854775807", nil), ("1e-9", 0), ("1e999", nil), ("0e999", 0), ("1e1000", nil),
            ("1e-9223372036854775808", nil), ("1e99999999999999999999", nil), ("1e", nil), ("1e1.5", nil), ("", nil),
            ("-", nil), (".", nil), (".5", 500), ("1.2.3", nil), ("1.2x", nil), ("\"\"", nil), ("\"1.5\"", 1500),
            ("null", nil), ("+1", nil),
        ] as [(String, Int64?)])
    func nanoseconds(_ text: String, _ expected: Int64?) {
        #expect(bytes(text, JSONBytes.nanoseconds(ofMicroseconds:)) == expected)
    }

    @Test("A number of more than 400 bytes is not a time") func veryLongNumbers() {
        #expect(bytes("1." + String(repeating: "0", count: 398), JSONBytes.nanoseconds(ofMicroseconds:)) == 1000)
        #expect(bytes("1." + String(repeating: "0", count: 399), JSONBytes.nanoseconds(ofMicroseconds:)) == nil)
    }

    @Test("A time written in several ways is the same time") func spellingsOfATime() {
        var generator = SeededGenerator(51)
        for _ in 0..<2000 {
            let time =
                Int64.random(in: -1 << 61...1 << 61, using: &generator) >> Int64.random(in: 0..<61, using: &generator)
            let sign = time < 0 ? "-" : ""
            let (whole, rest) = (time.magnitude / 1000, time.magnitude % 1000)
            let decimals = String(String(rest + 1000).dropFirst())
            for text in [
                "\(sign)\(whole).\(decimals)", "\(sign)\(whole).\(decimals)0000", "\(time)e-3", "\(time)000E-06",
                "\"\(sign)\(whole).\(decimals)\"",
                "\(sign)0.00\(String(time.magnitude))e+\(String(time.magnitude).count - 1)",
            ] {
                #expect(bytes(text, JSONBytes.nanoseconds(ofMicroseconds:)) == time, "\(text)")
            }
        }
    }
}
