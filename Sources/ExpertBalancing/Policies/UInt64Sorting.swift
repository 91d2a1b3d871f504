/// Sorts keys with a weight in the upper half and an index in the lower half, in memory of the caller.
enum UInt64Sorting {
    /// Returns the key of a weight, which is not negative, and an index. Keys ascend as weights descend; keys of equal
    /// weights ascend with the index.
    @inline(__always) static func descendingKey(_ weight: Float, _ index: Int) -> UInt64 {
        UInt64(~weight.bitPattern) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
    }

    /// Returns the index of a key.
    @inline(__always) static func index(of key: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: key)) }

    /// Sorts the first `count` of `keys` by their upper 32 bits, ascending and stably. `spare` has room for `count`
    /// keys.
    ///
    /// Up to 24 keys are sorted by insertion. Up to 1024 keys are first distributed into buckets of equal width, and an
    /// insertion sort then finishes quickly, unless many keys share a bucket. All other keys are sorted by four passes
    /// of counting sort; a pass in which all keys have the same value is skipped. O(count).
    static func sortByUpperHalf(
        _ keys: UnsafeMutableBufferPointer<UInt64>, _ spare: UnsafeMutableBufferPointer<UInt64>, _ count: Int
    ) {
        if count <= 24 { return insertionSort(keys, count) }
        if count <= 1024, dealIntoBuckets(keys, spare, count) { return insertionSort(keys, count) }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1024) { histogram in
            histogram.initialize(repeating: 0)
            for position in 0..<count {
                let weight = Int(keys[position] >> 32)
                histogram[weight & 255] += 1
                histogram[256 + (weight >> 8 & 255)] += 1
                histogram[512 + (weight >> 16 & 255)] += 1
                histogram[768 + (weight >> 24 & 255)] += 1
            }
            var source = keys
            var target = spare
            for pass in 0..<4 {
                let shift = UInt64(32 + 8 * pass)
                let base = 256 * pass
                if histogram[base + Int(source[0] >> shift & 255)] == Int32(count) { continue }
                var sum: Int32 = 0
                for bucket in base..<base + 256 {
                    let size = histogram[bucket]
                    histogram[bucket] = sum
                    sum += size
                }
                for position in 0..<count {
                    let key = source[position]
                    let bucket = base + Int(key >> shift & 255)
                    target[Int(histogram[bucket])] = key
                    histogram[bucket] += 1
                }
                swap(&source, &target)
            }
            if source.baseAddress != keys.baseAddress {
                for position in 0..<count { keys[position] = source[position] }
            }
        }
    }

    private static func insertionSort(_ keys: UnsafeMutableBufferPointer<UInt64>, _ count: Int) {
        for position in stride(from: 1, to: count, by: 1) {
            let key = keys[position]
            var hole = position
            while hole > 0, keys[hole - 1] >> 32 > key >> 32 {
                keys[hole] = keys[hole - 1]
                hole -= 1
            }
            keys[hole] = key
        }
    }

    /// Orders the keys roughly and stably. Returns false without a change if too many keys would share a bucket.
    private static func dealIntoBuckets(
        _ keys: UnsafeMutableBufferPointer<UInt64>, _ spare: UnsafeMutableBufferPointer<UInt64>, _ count: Int
    ) -> Bool {
        var least = UInt64.max
        var most: UInt64 = 0
        for position in 0..<count {
            least = min(least, keys[position])
            most = max(most, keys[position])
        }
        let bucketBits = count <= 128 ? 7 : 8
        let width = 64 - ((most >> 32) - (least >> 32)).leadingZeroBitCount
        let shift = UInt64(32 + max(0, width - bucketBits))
        let first = (least >> 32) << 32
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { starts in
            starts.initialize(repeating: 0)
            for position in 0..<count { starts[Int((keys[position] - first) >> shift)] += 1 }
            var sum: Int32 = 0
            var fullest: Int32 = 0
            for bucket in 0..<1 << bucketBits {
                let size = starts[bucket]
                starts[bucket] = sum
                sum += size
                fullest = max(fullest, size)
            }
            if fullest > 48 { return false }
            for position in 0..<count {
                let bucket = Int((keys[position] - first) >> shift)
                spare[Int(starts[bucket])] = keys[position]
                starts[bucket] += 1
            }
            for position in 0..<count { keys[position] = spare[position] }
            return true
        }
    }
}
