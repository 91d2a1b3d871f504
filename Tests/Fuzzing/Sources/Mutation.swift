/// Random changes of a file, which are the same for the same seed.
///
/// Half of the changes know the structure of text: they replace numbers and quoted words, repeat and remove lines and
/// members of lists, and insert words of the format. The others change bytes.
struct Mutation {
    private var state: UInt64
    /// The words of the file's format.
    private let words: [[UInt8]]

    /// Numbers, brackets and words that are hard to read.
    private static let values = [
        "-1", "0", "1", "2", "255", "256", "65535", "65536", "65537", "16777216", "2147483648", "4294967295",
        "9007199254740993", "9223372036854775807", "10000000000000", "2000000000000000", "-2000000000000000",
        "1e-9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e18", "1e308", "1e999", "-0.0",
        "1e-320", "0.0005", "nan", "inf", "null", "\"\"", "[]", "{}", "true", "[[[[", "}}}}", "\"\\", "\\u0000",
        "\u{0}",
        "\u{1B}[2J", "\u{202E}", "a.a.a.a", ",,", "\r\n", "\u{FEFF}",
    ].map { Array($0.utf8) }

    /// The largest size of a damaged file.
    private static let largest = 1 << 20
    /// The size of repeated parts.
    private static let repeatedBytes = 1 << 13

    init(seed: UInt64, words: [[UInt8]]) {
        state = seed
        self.words = words
    }

    /// Returns a random number from 0 up to, but not including, `bound`.
    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        value ^= value >> 31
        return Int(value % UInt64(max(1, bound)))
    }

    /// Makes one to eight changes to `data`, some of which insert parts of `other`.
    mutating func damage(_ data: inout [UInt8], with other: [UInt8]) {
        for _ in 0..<[1, 1, 2, 4, 8][next(5)] {
            let start = next(data.count + 1)
            let end = min(data.count, start + [1, 2, 8, 64, 512][next(5)])
            switch next(14) {
            case 0, 1, 2: replaceNumber(&data)
            case 3: data.removeSubrange(start..<end)
            case 4: data.insert(contentsOf: repeated(data[start..<end]), at: start)
            case 5: for index in start..<end { data[index] = UInt8(truncatingIfNeeded: next(256)) }
            case 6: data.removeSubrange(start...)
            case 7:
                let begin = next(other.count + 1)
                data.insert(contentsOf: other[begin..<min(other.count, begin + 64)], at: start)
            case 8: if start < data.count { data[start] ^= 1 << UInt8(next(8)) }
            case 9, 10: change(&data, parts: [0x0A, 0x2C][next(2)])
            case 11: if !words.isEmpty { data.insert(contentsOf: words[next(words.count)], at: start) }
            case 12: replaceQuoted(&data)
            default: data.insert(contentsOf: Self.values[next(Self.values.count)], at: start)
            }
        }
        if data.count > Self.largest { data.removeSubrange(Self.largest...) }
    }

    private mutating func repeated(_ part: ArraySlice<UInt8>) -> [UInt8] {
        let most = part.isEmpty ? 0 : max(1, Self.repeatedBytes / part.count)
        return Array(repeatElement(part, count: min(most, [1, 2, 50, 1000][next(4)])).joined())
    }

    /// Removes, repeats or moves one of the parts that `separator` separates, such as a line.
    private mutating func change(_ data: inout [UInt8], parts separator: UInt8) {
        let start = next(data.count + 1)
        let begin = data[..<start].lastIndex(of: separator).map { $0 + 1 } ?? 0
        let end = data[start...].firstIndex(of: separator).map { $0 + 1 } ?? data.count
        let part = data[begin..<end]
        switch next(4) {
        case 0: data.removeSubrange(begin..<end)
        case 1: data.insert(contentsOf: repeated(part), at: begin)
        case 2:
            data.removeSubrange(begin..<end)
            data.insert(contentsOf: part, at: next(data.count + 1))
        default:
            if !words.isEmpty { data.replaceSubrange(begin..<end, with: words[next(words.count)]) }
        }
    }

    /// Replaces the next number with a value that is hard to read. Inserts the value if there is no number near.
    private mutating func replaceNumber(_ data: inout [UInt8]) {
        let value = Self.values[next(Self.values.count)]
        var start = next(data.count + 1)
        var steps = 0
        while start < data.count, data[start] &- 48 >= 10, steps < 200 {
            start += 1
            steps += 1
        }
        var end = start
        while end < data.count, data[end] &- 48 < 10 || data[end] == UInt8(ascii: ".") { end += 1 }
        data.replaceSubrange(start..<end, with: value)
    }

    /// Replaces the next quoted text with a word of the format.
    private mutating func replaceQuoted(_ data: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        guard !words.isEmpty, let start = data[next(data.count + 1)...].firstIndex(of: quote),
            let end = data[(start + 1)...].firstIndex(of: quote)
        else { return }
        data.replaceSubrange(start...end, with: words[next(words.count)])
    }
}
