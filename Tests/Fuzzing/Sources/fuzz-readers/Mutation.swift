/// Random changes of bytes, which are the same for the same seed.
struct Mutation {
    private var state: UInt64

    /// Numbers, brackets and words that are hard to read.
    private static let values = [
        "-1", "0", "1", "255", "65536", "2147483648", "4294967295", "9007199254740993", "9223372036854775807",
        "10000000000000", "2000000000000000", "-2000000000000000", "1e-9223372036854775808",
        "-9223372036854775808", "18446744073709551616", "1e18", "1e308", "1e999", "-0.0", "1e-320", "0.0005", "nan",
        "null", "\"\"", "[]", "{}", "true", "[[[[", "}}}}", "\"\\", "\\u0000", "\u{0}", "\"ts\":", "\"ph\":\"B\"",
        "\"ph\":\"E\"", "\"cat\":\"kernel\"", "\"cat\":\"compute\"", "\"cat\":\"wait\"", "\"dur\":",
        "\"args\":{\"stream\":7,\"correlation\":1}", "\"args\":{\"stage\":1,\"microbatch\":2}",
        "\"Collective name\":\"send\",\"Dst Rank\":1", "\"name\":\"1F2\"",
    ].map { Array($0.utf8) }

    init(seed: UInt64) {
        state = seed
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

    /// Makes one to eight changes to `data`, some of which insert bytes of `other`.
    mutating func damage(_ data: inout [UInt8], with other: [UInt8]) {
        for _ in 0..<[1, 1, 2, 4, 8][next(5)] {
            let start = next(data.count + 1)
            let end = min(data.count, start + [1, 2, 8, 64, 512][next(5)])
            switch next(9) {
            case 0, 1, 2: replaceNumber(&data)
            case 3: data.removeSubrange(start..<end)
            case 4:
                let copies = [1, 2, 50][next(3)]
                data.insert(contentsOf: repeatElement(data[start..<end], count: copies).joined(), at: start)
            case 5: for index in start..<end { data[index] = UInt8(truncatingIfNeeded: next(256)) }
            case 6: data.removeSubrange(start...)
            case 7:
                let begin = next(other.count + 1)
                data.insert(contentsOf: other[begin..<min(other.count, begin + 64)], at: start)
            default: if start < data.count { data[start] ^= 1 << UInt8(next(8)) }
            }
        }
        if data.count > 1 << 20 { data.removeSubrange((1 << 20)...) }
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
}
