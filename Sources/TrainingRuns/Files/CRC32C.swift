import CISAL

/// The cyclic redundancy check with Castagnoli's polynomial (RFC 3720) of bytes that are given in parts.
package struct CRC32C {
    private var state = UInt32.max

    package init() {}

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        // ISA-L counts bytes as Int32. It does not write to them.
        for offset in stride(from: 0, to: bytes.count, by: 1 << 30) {
            let part = UnsafeMutableRawPointer(mutating: start + offset).assumingMemoryBound(to: UInt8.self)
            state = crc32_iscsi(part, Int32(min(bytes.count - offset, 1 << 30)), state)
        }
    }

    package var checksum: UInt32 { ~state }

    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var result = CRC32C()
        let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { result.add(UnsafeRawBufferPointer($0)) }
        if isContiguous == nil { Array(bytes).withUnsafeBytes { result.add($0) } }
        return result.checksum
    }

    /// Returns the masked checksum of the TFRecord format: rotated by 15 bits, plus a constant. The mask avoids
    /// problems with checksums of data that contains checksums.
    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let value = checksum(bytes)
        return (value >> 15 | value << 17) &+ 0xA282_EAD8
    }
}
