/// The keys of an event that are read.
enum EventKey {
    case phase, time, duration, category, process, thread, name, arguments, other

    /// The key whose opening quote is at `position`.
    ///
    /// The first eight bytes, closing quote included, are compared as one word, since keys are the most frequent
    /// strings of a trace.
    ///
    /// - Precondition: 8 bytes from `position` on are readable.
    @inline(__always) init(at position: BytePointer) {
        // Each constant is four bytes of text, the first byte in the lowest position: `"ph"`, `"ts"`, `"cat`, `"dur`,
        // and so on. They are literals, so that nothing is computed at run time.
        let word = UInt64(littleEndian: UnsafeRawPointer(position).loadUnaligned(as: UInt64.self))
        switch word & 0xFFFF_FFFF {
        case 0x2268_7022: self = .phase
        case 0x2273_7422: self = .time
        case 0x7461_6322: self = Self.isQuote(word, 4) ? .category : .other
        case 0x7275_6422: self = Self.isQuote(word, 4) ? .duration : .other
        case 0x6469_7022: self = Self.isQuote(word, 4) ? .process : .other
        case 0x6469_7422: self = Self.isQuote(word, 4) ? .thread : .other
        case 0x6D61_6E22: self = (word >> 32) & 0xFFFF == 0x2265 ? .name : .other
        case 0x6772_6122: self = (word >> 32) & 0xFFFF == 0x2273 ? .arguments : .other
        default: self = .other
        }
    }

    /// The length of the key in bytes, with its quotes; 0 for ``other``.
    @inline(__always) var length: Int {
        switch self {
        case .phase, .time: 4
        case .category, .duration, .process, .thread: 5
        case .name, .arguments: 6
        case .other: 0
        }
    }

    @inline(__always) private static func isQuote(_ word: UInt64, _ index: UInt64) -> Bool {
        (word >> (8 * index)) & 0xFF == UInt64(UInt8(ascii: "\""))
    }
}
