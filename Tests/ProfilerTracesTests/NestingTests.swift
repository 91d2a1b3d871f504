import CByteMasks
import TestSupport
import Testing

/// The end of an array or object, found with this processor's instructions and with portable code, compared with a walk
/// byte by byte.
@Suite("The end of a JSON array or object") struct NestingTests {
    private func walk(_ bytes: ArraySlice<UInt8>) -> Int? {
        var depth = 1
        var isInString = false
        var isEscaped = false
        var closedString = false
        for (index, byte) in zip(bytes.indices, bytes) {
            let wasEscaped = isEscaped
            isEscaped = !wasEscaped && byte == UInt8(ascii: "\\")
            let isClosing = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            // A quote within a string is not escaped.
            if closedString, 0x40...0x7F ~= byte, !isClosing { return nil }
            closedString = byte == UInt8(ascii: "\"") && !wasEscaped && isInString
            switch byte {
            case UInt8(ascii: "\"") where !wasEscaped: isInString.toggle()
            case UInt8(ascii: "{"), UInt8(ascii: "["): if !isInString { depth += 1 }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if !isInString { depth -= 1 }
                if depth == 0 { return index + 1 }
            default: break
            }
        }
        return nil
    }

    @Test("The fast and the portable search find the end that a walk byte by byte finds") func endsEqualThoseOfAWalk() {
        var generator = SeededGenerator(9)
        let letters = Array(#"{}[]"\a,:"#.utf8) + [0xC3, 0x5C, 10]
        for _ in 0..<4000 {
            let count = Int.random(in: 0..<300, using: &generator)
            // Half of the texts have few brackets, so that the end is often several blocks away.
            let width = Bool.random(using: &generator) ? letters.count : letters.count * 6
            var bytes = (0..<count).map { _ in
                let letter = Int.random(in: 0..<width, using: &generator)
                return letter < letters.count ? letters[letter] : UInt8(ascii: "b")
            }
            let expected = walk(bytes[...])
            bytes += [UInt8](repeating: 0, count: 64)
            for isPortable in [false, true] {
                let found: Int? = bytes.withUnsafeBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return nil }
                    var search = NestingSearch()
                    search.depth = 1
                    let end =
                        isPortable
                        ? nesting_end_anywhere(base, base + count, &search) : nesting_end(base, base + count, &search)
                    return end.map { $0 - base }
                }
                #expect(found == expected)
            }
        }
    }

    @Test("A search that is continued at the end of the last one finds the same end") func searchesCanBeContinued() {
        var generator = SeededGenerator(10)
        let letters = Array(#"{}"\ab"#.utf8)
        for _ in 0..<2000 {
            let count = Int.random(in: 1..<200, using: &generator)
            let bytes = (0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
            let cut = Int.random(in: 0...count, using: &generator)
            var search = NestingSearch()
            search.depth = 1
            var found: Int?
            for part in [0..<cut, cut..<count] where found == nil && search.isBroken == 0 {
                let padded = Array(bytes[part]) + [UInt8](repeating: 0, count: 64)
                found = padded.withUnsafeBufferPointer { buffer in
                    buffer.baseAddress.flatMap { base in
                        nesting_end(base, base + part.count, &search).map { part.lowerBound + ($0 - base) }
                    }
                }
            }
            #expect(found == walk(bytes[...]))
        }
    }
}
