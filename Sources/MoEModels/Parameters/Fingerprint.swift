/// Returns the FNV-1a hash of a sequence of values, which is the same on every machine.
///
/// - Parameter seed: Different seeds give different hashes of the same values.
package func fingerprint(_ values: some Sequence<UInt64>, seed: UInt64 = 0) -> UInt64 {
    values.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ $1) &* 0x100_0000_01B3 }
}
