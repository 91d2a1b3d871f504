/// A binary heap on the packing's scratch. swift-collections' `Heap`, which orders both ends, took 1.1 to 2.1 times as long for
/// the 288 replacements of a packing (144 to 32 devices; at 32, 11 instead of 5 µs of a layer's 46).
extension LayerPacking {
    @inline(__always) static func isHeavier(_ a: HeapEntry, _ b: HeapEntry) -> Bool {
        a.key != b.key ? a.key > b.key : a.count != b.count ? a.count < b.count : a.index < b.index
    }

    @inline(__always) static func isLighter(_ a: HeapEntry, _ b: HeapEntry) -> Bool {
        a.key != b.key ? a.key < b.key : a.index < b.index
    }

    /// Restores a heap whose entry at `start` may belong further down.
    @inline(__always) static func siftDown(
        _ heap: UnsafeMutableBufferPointer<HeapEntry>, _ start: Int, _ count: Int,
        _ comesFirst: (HeapEntry, HeapEntry) -> Bool
    ) {
        guard count > 0 else { return }
        let entry = heap[start]
        var hole = start
        while true {
            var child = 2 * hole + 1
            guard child < count else { break }
            if child + 1 < count, comesFirst(heap[child + 1], heap[child]) { child += 1 }
            guard comesFirst(heap[child], entry) else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = entry
    }

    /// Restores a heap whose last entry may belong further up.
    @inline(__always) static func siftUp(
        _ heap: UnsafeMutableBufferPointer<HeapEntry>, _ start: Int, _ comesFirst: (HeapEntry, HeapEntry) -> Bool
    ) {
        let entry = heap[start]
        var hole = start
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard comesFirst(entry, heap[parent]) else { break }
            heap[hole] = heap[parent]
            hole = parent
        }
        heap[hole] = entry
    }
}
