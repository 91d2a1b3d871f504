internal import CByteMasks

/// Numbers each distinct run of bytes once, so that a name which a million events share is kept once.
///
/// Lookup hashes eight bytes at a time and compares on a hit; no event allocates anything, as a key of a dictionary
/// would.
struct NameTable {
    private var slots: [Int32]
    private var hashes: [UInt64] = []
    private var offsets: [Int] = [0]
    private var bytes: [UInt8] = []
    private var last: Int32 = -1

    init() { slots = Array(repeating: -1, count: 1024) }

    /// How many names there are.
    var count: Int { hashes.count }

    /// The number of a name, and whether it is new. Amortised O(bytes).
    @inline(__always) mutating func index(of name: UnsafeBufferPointer<UInt8>) -> (index: Int32, isNew: Bool) {
        let hash = Self.hash(name)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while true {
            let index = slots[slot]
            if index < 0 { return (insert(name, hash, slot), true) }
            if hashes[Int(index)] == hash, isEqual(Int(index), name) {
                last = index
                return (index, false)
            }
            slot = (slot + 1) & (slots.count - 1)
        }
    }

    /// Whether a name is the one that was looked up last.
    @inline(__always) func isLast(_ name: UnsafeBufferPointer<UInt8>) -> Bool { last >= 0 && isEqual(Int(last), name) }

    /// A name as text: JSON's escapes resolved, bytes that are no UTF-8 replaced.
    func text(_ index: Int32) -> String { unescaped(bytes[offsets[Int(index)]..<offsets[Int(index) + 1]]) }

    private func isEqual(_ index: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = offsets[index]
        let count = offsets[index + 1] - start
        guard count == name.count else { return false }
        guard count > 0, let base = name.baseAddress else { return true }
        return bytes.withUnsafeBufferPointer { known in
            known.baseAddress.map { bytes_are_equal($0 + start, base, count) != 0 } ?? false
        }
    }

    private mutating func insert(_ name: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ slot: Int) -> Int32 {
        let index = Int32(hashes.count)
        hashes.append(hash)
        bytes.append(contentsOf: name)
        offsets.append(bytes.count)
        slots[slot] = index
        last = index
        if hashes.count * 2 > slots.count { grow() }
        return index
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index)
        }
    }

    @inline(__always) private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: name.count) &* 0x9E37_79B9_7F4A_7C15
        guard let base = UnsafeRawPointer(name.baseAddress) else { return hash }
        var position = 0
        // Two chains of multiplications run at once, where one would wait for itself.
        var second: UInt64 = 0x9E37_79B9_7F4A_7C15
        while position + 16 <= name.count {
            hash = (hash ^ (base + position).loadUnaligned(as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
            second = (second ^ (base + position + 8).loadUnaligned(as: UInt64.self)) &* 0xC4CE_B9FE_1A85_EC53
            hash ^= hash >> 32
            second ^= second >> 29
            position += 16
        }
        hash ^= second
        while position + 8 <= name.count {
            let word = (base + position).loadUnaligned(as: UInt64.self)
            hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            position += 8
        }
        while position < name.count {
            hash = (hash ^ UInt64(name[position])) &* 0xC4CE_B9FE_1A85_EC53
            position += 1
        }
        return hash ^ (hash >> 29)
    }
}

/// The text of a JSON string's inside.
func unescaped(_ bytes: some Collection<UInt8>) -> String {
    guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
    var units: [UInt8] = []
    units.reserveCapacity(bytes.count)
    var rest = Array(bytes)[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
            units.append(byte)
            continue
        }
        switch kind {
        case UInt8(ascii: "n"): units.append(10)
        case UInt8(ascii: "t"): units.append(9)
        case UInt8(ascii: "r"): units.append(13)
        case UInt8(ascii: "b"): units.append(8)
        case UInt8(ascii: "f"): units.append(12)
        case UInt8(ascii: "u"):
            var code = takeHexadecimal(&rest)
            if code & 0xFC00 == 0xD800, rest.starts(with: Array("\\u".utf8)) {
                rest.removeFirst(2)
                code = 0x10000 + ((code & 0x3FF) << 10) + (takeHexadecimal(&rest) & 0x3FF)
            }
            units.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
        default: units.append(kind)
        }
    }
    return String(decoding: units, as: UTF8.self)
}

private func takeHexadecimal(_ bytes: inout ArraySlice<UInt8>) -> UInt32 {
    let code = UInt32(String(decoding: bytes.prefix(4), as: UTF8.self), radix: 16) ?? 0xFFFD
    bytes.removeFirst(min(4, bytes.count))
    return code
}
