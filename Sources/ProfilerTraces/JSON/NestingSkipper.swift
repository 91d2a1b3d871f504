internal import CByteMasks

/// Finds where a JSON array or object ends, 64 bytes at a time, without looking at what it holds.
///
/// Strings are told from structure by the running parity of unescaped quotes, after Langdale and Lemire, "Parsing
/// gigabytes of JSON per second" (2019). Depth is a counter, so that no nesting is too deep.
struct NestingSkipper {
    /// How many brackets are open.
    private var depth: Int
    /// All ones where the last byte seen lies in a string.
    private var insideString: UInt64 = 0
    /// 1 where the next byte is escaped.
    private var escapesNext: UInt64 = 0

    /// A skipper that stands behind `depth` opening brackets, in no string.
    @inline(__always)
    init(depth: Int) {
        self.depth = depth
    }

    /// Advances from `start` and returns the place behind the bracket that closes the first; nil where that lies
    /// behind `end`, in which case the next call goes on from there.
    ///
    /// - Precondition: 64 bytes behind `end` are readable and zero.
    @inline(__always)
    mutating func skip(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        var place = start
        while place < end {
            let masks = byte_masks(place)
            var quotes = masks.quotes
            if masks.backslashes | escapesNext != 0 {
                quotes &= ~escaped(masks.backslashes, count: min(64, end - place))
            }
            let inString = parity(quotes) ^ insideString
            let closing = masks.closing & ~inString
            var brackets = closing | masks.opening & ~inString
            while brackets != 0 {
                let lowest = brackets & (0 &- brackets)
                if closing & lowest == 0 {
                    depth += 1
                } else {
                    depth -= 1
                    if depth == 0 { return place + lowest.trailingZeroBitCount + 1 }
                }
                brackets ^= lowest
            }
            insideString = UInt64(bitPattern: Int64(bitPattern: inString) >> 63)
            place += 64
        }
        return nil
    }

    /// Which of the next `count` bytes a backslash escapes.
    private mutating func escaped(_ backslashes: UInt64, count: Int) -> UInt64 {
        var result = escapesNext
        var rest = backslashes & ~result
        var beyond: UInt64 = 0
        while rest != 0 {
            let bit = rest.trailingZeroBitCount
            if bit + 1 >= count {
                beyond = 1
            } else {
                result |= 1 << UInt64(bit + 1)
                rest &= ~(1 << UInt64(bit + 1))
            }
            rest &= rest &- 1
        }
        escapesNext = beyond
        return result
    }

    /// Bit i is set where an odd number of bits 0 ... i are.
    @inline(__always)
    private func parity(_ bits: UInt64) -> UInt64 {
        var result = bits
        result ^= result << 1
        result ^= result << 2
        result ^= result << 4
        result ^= result << 8
        result ^= result << 16
        result ^= result << 32
        return result
    }
}
