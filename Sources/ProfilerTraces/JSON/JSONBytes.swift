internal import CByteMasks

/// A place in a buffer of JSON.
typealias JSONPlace = UnsafePointer<UInt8>

/// Steps over JSON in memory. Every function takes the end of what is there and returns nil where that comes first;
/// 64 bytes behind the end have to be readable and zero.
enum JSONBytes {
    /// How many readable zeros have to follow the end.
    static let padding = 64

    /// The first place from `start` on that is no white space; `end` where there is none.
    @inline(__always)
    static func skipSpace(_ start: JSONPlace, _ end: JSONPlace) -> JSONPlace {
        // One blank or none is what stands in most places, a line break with its indent in most others.
        if start.pointee > 0x20 { return start }
        if start[1] > 0x20 { return start + 1 }
        var place = start
        while place < end {
            let mask = text_mask(place)
            if mask != 0 { return place + mask.trailingZeroBitCount }
            place += 16
        }
        return end
    }

    /// The closing quote of a string whose inside begins at `start`. Control characters may stand in it.
    @inline(__always)
    static func stringEnd(_ start: JSONPlace, _ end: JSONPlace) -> JSONPlace? {
        var place = start
        while place < end {
            let mask = string_end_mask(place)
            if mask == 0 {
                place += 16
                continue
            }
            place += mask.trailingZeroBitCount
            if place >= end { return nil }
            if place.pointee == UInt8(ascii: "\"") { return place }
            place += 2
        }
        return nil
    }

    /// The place behind a value that begins at `start`.
    @inline(__always)
    static func valueEnd(_ start: JSONPlace, _ end: JSONPlace) -> JSONPlace? {
        switch start.pointee {
        case UInt8(ascii: "\""):
            guard let close = stringEnd(start + 1, end) else { return nil }
            return close + 1
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var skipper = NestingSkipper(depth: 1)
            return skipper.skip(from: start + 1, to: end)
        default:
            return scalarEnd(start, end)
        }
    }

    /// The place behind a number or a word that begins at `start`; nil where it is empty.
    @inline(__always)
    static func scalarEnd(_ start: JSONPlace, _ end: JSONPlace) -> JSONPlace? {
        var place = start
        while true {
            if place >= end { return nil }
            let byte = place.pointee
            if byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                return place == start ? nil : place
            }
            place += 1
        }
    }

    /// The bytes from one place up to another.
    @inline(__always)
    static func bytes(_ start: JSONPlace, _ end: JSONPlace) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start, count: end - start)
    }

    /// A value as text: a string's inside with its escapes resolved, all else as it stands.
    static func text(_ start: JSONPlace, _ end: JSONPlace) -> String {
        guard start.pointee == UInt8(ascii: "\""), end - start >= 2 else {
            return String(decoding: bytes(start, end), as: UTF8.self)
        }
        return unescaped(bytes(start + 1, end - 1))
    }

    /// Calls `body` with the key as it stands in its quotes, start and end of each member of an object that lies whole
    /// between two places; returns false where it is no object.
    static func forEachMember(
        _ start: JSONPlace, _ end: JSONPlace, _ body: (UnsafeBufferPointer<UInt8>, JSONPlace, JSONPlace) -> Void
    ) -> Bool {
        var place = skipSpace(start, end)
        guard place < end, place.pointee == UInt8(ascii: "{") else { return false }
        place += 1
        while true {
            place = skipSpace(place, end)
            if place >= end { return false }
            if place.pointee == UInt8(ascii: "}") { return true }
            if place.pointee == UInt8(ascii: ",") {
                place += 1
                continue
            }
            guard place.pointee == UInt8(ascii: "\""), let close = stringEnd(place + 1, end) else { return false }
            let key = bytes(place + 1, close)
            place = skipSpace(close + 1, end)
            guard place < end, place.pointee == UInt8(ascii: ":") else { return false }
            place = skipSpace(place + 1, end)
            guard place < end, let stop = valueEnd(place, end) else { return false }
            body(key, place, stop)
            place = stop
        }
    }
}
