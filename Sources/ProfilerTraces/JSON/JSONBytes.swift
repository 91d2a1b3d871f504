internal import CByteMasks

/// A pointer to a byte in a buffer of JSON.
package typealias BytePointer = UnsafePointer<UInt8>

/// Functions that skip over JSON text in memory.
///
/// Every function takes the end of the text. Functions that find the end of a token return nil if the text ends first.
/// The 64 bytes after the end must be readable and zero.
package enum JSONBytes {
    /// The number of readable zero bytes that must follow the end.
    package static let padding = 64

    /// The first position from `start` on that is not white space; `end` if there is none.
    @inline(__always) package static func skipSpace(_ start: BytePointer, _ end: BytePointer) -> BytePointer {
        // Most tokens follow directly or after one blank, most others after a line break with indentation.
        if start.pointee > 0x20 { return start }
        if start[1] > 0x20 { return start + 1 }
        var position = start
        while position < end {
            let mask = text_mask(position)
            if mask != 0 { return position + mask.trailingZeroBitCount }
            position += 16
        }
        return end
    }

    /// The closing quote of a string whose text begins at `start`. The text may contain control characters.
    @inline(__always) package static func stringEnd(_ start: BytePointer, _ end: BytePointer) -> BytePointer? {
        var position = start
        while position < end {
            let mask = string_end_mask(position)
            if mask == 0 {
                position += 16
                continue
            }
            position += mask.trailingZeroBitCount
            if position >= end { return nil }
            if position.pointee == UInt8(ascii: "\"") { return position }
            position += 2
        }
        return nil
    }

    /// The position after a value that begins at `start`.
    @inline(__always) package static func valueEnd(_ start: BytePointer, _ end: BytePointer) -> BytePointer? {
        switch start.pointee {
        case UInt8(ascii: "\""):
            guard let close = stringEnd(start + 1, end) else { return nil }
            return close + 1
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var skipper = NestingSkipper()
            return skipper.skip(from: start + 1, to: end)
        default: return scalarEnd(start, end)
        }
    }

    /// The position after a number or a word that begins at `start`; nil if it is empty.
    @inline(__always) package static func scalarEnd(_ start: BytePointer, _ end: BytePointer) -> BytePointer? {
        var position = start
        while true {
            if position >= end { return nil }
            let byte = position.pointee
            if byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                return position == start ? nil : position
            }
            position += 1
        }
    }

    /// The bytes from `start` up to `end`.
    @inline(__always) package static func bytes(_ start: BytePointer, _ end: BytePointer) -> UnsafeBufferPointer<UInt8>
    {
        UnsafeBufferPointer(start: start, count: end - start)
    }

    /// A value as text: a string without its quotes and with its escapes resolved, any other value unchanged.
    package static func text(_ start: BytePointer, _ end: BytePointer) -> String {
        guard start.pointee == UInt8(ascii: "\""), end - start >= 2 else {
            return String(decoding: bytes(start, end), as: UTF8.self)
        }
        return unescaped(bytes(start + 1, end - 1))
    }

    /// Calls `body` for each member of an object, with the bytes between the quotes of its key and the start and end of
    /// its value. Returns whether the text from `start` on is a whole object that ends before `end`.
    package static func forEachMember(
        _ start: BytePointer, _ end: BytePointer, _ body: (UnsafeBufferPointer<UInt8>, BytePointer, BytePointer) -> Void
    ) -> Bool {
        var position = skipSpace(start, end)
        guard position < end, position.pointee == UInt8(ascii: "{") else { return false }
        position += 1
        while true {
            position = skipSpace(position, end)
            if position >= end { return false }
            if position.pointee == UInt8(ascii: "}") { return true }
            if position.pointee == UInt8(ascii: ",") {
                position += 1
                continue
            }
            guard position.pointee == UInt8(ascii: "\""), let close = stringEnd(position + 1, end) else { return false }
            let key = bytes(position + 1, close)
            position = skipSpace(close + 1, end)
            guard position < end, position.pointee == UInt8(ascii: ":") else { return false }
            position = skipSpace(position + 1, end)
            guard position < end, let stop = valueEnd(position, end) else { return false }
            body(key, position, stop)
            position = stop
        }
    }
}
