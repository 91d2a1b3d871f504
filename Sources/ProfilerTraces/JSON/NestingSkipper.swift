internal import CByteMasks

/// Finds the end of a JSON array or object, 64 bytes at a time, without parsing its contents.
///
/// The running parity of unescaped quotes tells strings from structure, after Langdale and Lemire, "Parsing gigabytes
/// of JSON per second" (2019). The depth is a counter, so nesting may be of any depth.
struct NestingSkipper {
    /// The state after one opening bracket, outside any string.
    private var search = NestingSearch(depth: 1, insideString: 0, escapesNext: 0, closesString: 0, isBroken: 0)

    /// Whether a string was followed by a letter or an opening bracket, as after a quote that is not escaped.
    var isBroken: Bool { search.isBroken != 0 }

    /// Searches from `start` and returns the position after the bracket that closes the array or object. Returns nil if
    /// the bracket is not before `end`; the next call then continues at `end`.
    ///
    /// - Precondition: The 64 bytes after `end` are readable and zero.
    @inline(__always)
    mutating func skip(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        nesting_end(start, end, &search)
    }
}
