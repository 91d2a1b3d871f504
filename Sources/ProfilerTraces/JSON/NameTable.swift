internal import CByteMasks

/// A table that numbers distinct names, so that a name which a million events share is stored once.
///
/// A lookup hashes eight bytes at a time and compares the bytes of a hit. Unlike a dictionary with String keys, it
/// allocates no memory per event.
package struct NameTable {
    private var slots: [Int32]
    private var hashes: [UInt64] = []
    private var offsets: [Int] = [0]
    private var bytes: [UInt8] = []
    private var last: Int32 = -1

    package init() { slots = Array(repeating: -1, count: 1024) }

    /// The number of distinct names.
    package var count: Int { hashes.count }

    /// The size of all distinct names.
    var byteCount: Int { bytes.count }

    /// The index of a name, and whether the name is new. O(bytes), amortized.
    @inline(__always) package mutating func index(of name: UnsafeBufferPointer<UInt8>) -> (index: Int32, isNew: Bool) {
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

    /// Whether a name equals the one that was looked up last.
    @inline(__always) package func isLast(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        last >= 0 && isEqual(Int(last), name)
    }

    /// A name as text, with JSON escapes resolved and invalid UTF-8 replaced.
    package func text(_ index: Int32) -> String {
        JSONBytes.unescaped(bytes[offsets[Int(index)]..<offsets[Int(index) + 1]])
    }

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
        // Two independent chains of multiplications run in parallel; one chain would wait for each product.
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
