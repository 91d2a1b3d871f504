package import SchedulePlanning

/// A random permutation of 0 ..< `count` that needs no memory: a Feistel network over the next power of four, whose
/// values outside the range are permuted again (cycle walking).
package struct RandomPermutation {
    private let count: Int
    private let halfWidth: UInt64
    private let keys: [UInt64]

    /// - Precondition: `count` is positive.
    package init(count: Int, using generator: SplitMix64) {
        precondition(count > 0, "a permutation has elements")
        var generator = generator
        self.count = count
        halfWidth = UInt64(max(Int.bitWidth - (count - 1).leadingZeroBitCount + 1, 2) / 2)
        keys = (0..<6).map { _ in generator.next() }
    }

    /// Returns the image of `index`.
    ///
    /// - Complexity: O(1) on average.
    package subscript(index: Int) -> Int {
        var value = UInt64(index)
        repeat { value = shuffled(value) } while value >= UInt64(count)
        return Int(value)
    }

    private func shuffled(_ value: UInt64) -> UInt64 {
        let mask = (1 << halfWidth) - 1 as UInt64
        var (left, right) = (value >> halfWidth, value & mask)
        for key in keys {
            var round = SplitMix64(state: key ^ right)
            (left, right) = (right, left ^ round.next() & mask)
        }
        return left << halfWidth | right
    }
}
