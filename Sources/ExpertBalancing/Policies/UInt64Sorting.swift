/// Sorting of keys with a weight in the upper half and an index in the lower, on memory that the caller owns.
enum UInt64Sorting {
    /// Sorts the first `count` of `keys` ascending by their upper 32 bits, stably; `spare` holds as many.
    ///
    /// Insertion for few, else four passes of counting sort, passes of one value left out. O(count).
    static func sortByUpperHalf(
        _ keys: UnsafeMutableBufferPointer<UInt64>, _ spare: UnsafeMutableBufferPointer<UInt64>, _ count: Int
    ) {
        if count <= 40 {
            for position in stride(from: 1, to: count, by: 1) {
                let key = keys[position]
                var hole = position
                while hole > 0, keys[hole - 1] >> 32 > key >> 32 {
                    keys[hole] = keys[hole - 1]
                    hole -= 1
                }
                keys[hole] = key
            }
            return
        }
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
}
