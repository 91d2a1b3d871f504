import ProfilerTraces
import TestSupport
import Testing

@Suite("The table of names") struct NameTableTests {
    @Test("Equal names share an index, and new names are numbered in order") func numbering() {
        var generator = SeededGenerator(21)
        var table = NameTable()
        var expected: [[UInt8]: Int32] = [:]
        for _ in 0..<20_000 {
            // Names of 0 to 40 bytes over two letters, so that short names repeat and long ones share prefixes.
            let count = Int.random(in: 0...40, using: &generator)
            let name = (0..<count).map { _ in Bool.random(using: &generator) ? UInt8(ascii: "a") : UInt8(ascii: "b") }
            let (index, isNew) = name.withUnsafeBufferPointer { table.index(of: $0) }
            #expect(isNew == (expected[name] == nil))
            #expect(index == expected[name] ?? Int32(expected.count))
            expected[name] = index
        }
        #expect(table.count == expected.count && table.count > 1024)
        for (name, index) in expected { #expect(table.text(index) == String(decoding: name, as: UTF8.self)) }
    }

    @Test("Only the name that was looked up last is the last name") func lastName() {
        var table = NameTable()
        let (first, second) = (Array("first".utf8), Array("other".utf8))
        first.withUnsafeBufferPointer { name in
            #expect(!table.isLast(name))
            _ = table.index(of: name)
            #expect(table.isLast(name))
            second.withUnsafeBufferPointer { other in
                #expect(!table.isLast(other))
                _ = table.index(of: other)
                #expect(table.isLast(other) && !table.isLast(name))
            }
            _ = table.index(of: name)
            #expect(table.isLast(name))
        }
    }

    @Test("The text of a name has its escapes resolved and invalid UTF-8 replaced") func texts() {
        var table = NameTable()
        let names: [(bytes: [UInt8], text: String)] = [
            (Array(#"a\"b\u00e9"#.utf8), "a\"bé"), ([0x61, 0xFF], "a\u{FFFD}"), ([], ""),
            (Array("plain".utf8), "plain"),
        ]
        for (bytes, text) in names {
            let index = bytes.withUnsafeBufferPointer { table.index(of: $0).index }
            #expect(table.text(index) == text)
        }
    }
}
