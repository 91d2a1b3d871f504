/// A digest of integers in order, equal on all machines. Ranks compare digests instead of whole plans.
///
/// The digest is FNV-1a over words of 64 bits, with a shift that lets high bits reach low bits.
struct IntegerDigest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func combine(_ integer: Int) {
        value = (value ^ UInt64(bitPattern: Int64(integer))) &* 0x0000_0100_0000_01B3
        value ^= value >> 32
    }

    mutating func combine(_ integers: some Collection<Int32>) {
        combine(integers.count)
        for integer in integers { combine(Int(integer)) }
    }
}
