internal import CByteMasks

/// Finds where a JSON array or object ends, 64 bytes at a time, without looking at what it holds.
///
/// Strings are told from structure by the running parity of unescaped quotes, after Langdale and Lemire, "Parsing
/// gigabytes of JSON per second" (2019). Depth is a counter, so that no nesting is too deep.
struct NestingSkipper {
    /// Behind one opening bracket, in no string.
    private var search = NestingSearch(depth: 1, insideString: 0, escapesNext: 0)

    /// Advances from `start` and returns the position behind the bracket that closes the first; nil where that lies
    /// behind `end`, in which case the next call goes on from there.
    ///
    /// - Precondition: 64 bytes behind `end` are readable and zero.
    @inline(__always)
    mutating func skip(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        nesting_end(start, end, &search)
    }
}
